r"""From theta to Lambda and back, for all random-effects terms of a model.

:math:`\operatorname{Var}(b) = \sigma^2 S` with :math:`S = \Lambda\Lambda'`. Each term has a
template, which fills its Lambda with its part of theta; see `pybootmlm.lmm.templates`. The terms
of one grouping factor stand together as one block-diagonal template.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.templates.in_basis import InBasis
from pybootmlm.lmm.templates.template import Bend, Root, Template
from pybootmlm.lmm.templates.unstructured import Unstructured, canonical, lower_triangle

__all__ = ["Covariance", "FactorCovariance", "build_covariance", "canonical", "lower_triangle"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FactorCovariance:
    """S of all terms of one grouping factor.

    Attributes
    ----------
    roots : tuple of Root
        One a term, in the order of theta.
    places : tuple of slice
        The part of theta that belongs to each.
    """

    roots: tuple[Root, ...]
    places: tuple[slice, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of random effects of each term."""
        return tuple(root.size for root in self.roots)

    @cached_property
    def size(self) -> int:
        """Number q of random effects of a level of the factor."""
        return sum(self.sizes)

    @cached_property
    def theta_index(self) -> NDArray[np.intp]:
        """Positions (t,) in theta that matter to the factor, in the order of its derivatives."""
        return np.concatenate([np.arange(place.start, place.stop) for place in self.places])

    @cached_property
    def rows(self) -> tuple[slice, ...]:
        """Where each term's effects stand among those of the factor."""
        ends = np.cumsum(self.sizes).tolist()
        return tuple(slice(end - q, end) for end, q in zip(ends, self.sizes, strict=True))

    def Lambda(self, theta: Array) -> Array:
        """A root of S (q, q, ...) at `theta` (T, ...), the whole vector."""
        if len(self.roots) == 1:
            return self.roots[0].Lambda(theta[self.places[0]])
        out = np.zeros((self.size, self.size, *theta.shape[1:]))
        for root, place, rows in self._terms():
            out[rows, rows] = root.Lambda(theta[place])
        return out

    def gradient(self, K: Array, theta: Array) -> Array:
        """tr(K dS) by each own element of theta (t, ...), for symmetric `K` (q, q, ...)."""
        parts = [root.gradient(K[rows, rows], theta[place]) for root, place, rows in self._terms()]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def directions(self, theta: Array) -> Array:
        """dS by each own element of theta (t, q, q, ...)."""
        if len(self.roots) == 1:
            return self.roots[0].directions(theta[self.places[0]])
        out = np.zeros((len(self.theta_index), self.size, self.size, *theta.shape[1:]))
        for root, place, rows, own in zip(
            self.roots, self.places, self.rows, self._own(), strict=True
        ):
            out[own, rows, rows] = root.directions(theta[place])
        return out

    def curvature(self, K: Array, theta: Array) -> Array:
        """tr(K d2S) by each two own elements of theta (t, t, ...), for symmetric `K`."""
        if len(self.roots) == 1:
            return self.roots[0].curvature(K, theta[self.places[0]])
        t = len(self.theta_index)
        out = np.zeros((t, t, *K.shape[2:]))
        for root, place, rows, own in zip(
            self.roots, self.places, self.rows, self._own(), strict=True
        ):
            out[own, own] = root.curvature(K[rows, rows], theta[place])
        return out

    def _terms(self) -> Iterator[tuple[Root, slice, slice]]:
        return zip(self.roots, self.places, self.rows, strict=True)

    def _own(self) -> list[slice]:
        """Each term's part of the factor's own elements of theta."""
        ends = np.cumsum([place.stop - place.start for place in self.places]).tolist()
        sizes = [place.stop - place.start for place in self.places]
        return [slice(end - t, end) for end, t in zip(ends, sizes, strict=True)]


@dataclass(frozen=True)
class Covariance:
    """Templates of all terms of a model.

    Attributes
    ----------
    templates : tuple of Template
        In the order of theta.
    term_factor : tuple of int
        The grouping factor of each.
    bases : tuple of (q, q) arrays or None
        For each term the M of `InBasis`: what the criterion's columns need in place of Lambda is M
        Lambda. None where they are the term's own.
    """

    templates: tuple[Template, ...]
    term_factor: tuple[int, ...]
    bases: tuple[Array | None, ...] = ()

    @cached_property
    def factors(self) -> tuple[FactorCovariance, ...]:
        """The terms of each grouping factor together."""
        bases = self.bases or (None,) * len(self.templates)
        seen: list[Root] = [
            template if M is None else InBasis(template, M)
            for template, M in zip(self.templates, bases, strict=True)
        ]
        out = []
        for f in range(max(self.term_factor) + 1):
            members = [i for i, factor in enumerate(self.term_factor) if factor == f]
            out.append(
                FactorCovariance(
                    tuple(seen[i] for i in members), tuple(self.term_slices[i] for i in members)
                )
            )
        return tuple(out)

    @property
    def term_sizes(self) -> tuple[int, ...]:
        """Number of random effects of each term."""
        return tuple(template.size for template in self.templates)

    @cached_property
    def n_theta(self) -> int:
        """Length of theta."""
        return sum(template.n_theta for template in self.templates)

    @cached_property
    def term_slices(self) -> tuple[slice, ...]:
        """The part of theta that belongs to each term."""
        ends = np.cumsum([template.n_theta for template in self.templates]).tolist()
        return tuple(
            slice(end - template.n_theta, end)
            for end, template in zip(ends, self.templates, strict=True)
        )

    @cached_property
    def on_diagonal(self) -> NDArray[np.bool_]:
        """Which elements of theta are diagonal entries of Lambda or relative standard deviations.

        They have the lower bound 0.
        """
        none = [np.zeros(0, bool)]
        return np.concatenate([template.is_deviation for template in self.templates] or none)

    @property
    def lower(self) -> Array:
        """Lower bounds of theta (T,)."""
        return np.concatenate([template.lower for template in self.templates])

    @property
    def upper(self) -> Array:
        """Upper bounds of theta (T,)."""
        return np.concatenate([template.upper for template in self.templates])

    @cached_property
    def bends(self) -> tuple[Bend, ...]:
        """How the search takes each element of theta."""
        return tuple(bend for template in self.templates for bend in template.bends)

    def term_matrices(self, theta: Array) -> tuple[Array, ...]:
        """Lambda of each term: matrices (q, q), in the order of theta."""
        return tuple(
            template.Lambda(theta[part])
            for template, part in zip(self.templates, self.term_slices, strict=True)
        )

    def from_matrices(self, matrices: tuple[Array, ...]) -> Array:
        """Theta from the lower triangular matrices of the terms."""
        return np.concatenate(
            [
                L[lower_triangle(len(L))]
                if isinstance(template, Unstructured)
                else template.of_covariance(L @ L.T)
                for template, L in zip(self.templates, matrices, strict=True)
            ]
        )

    def near_boundary(self, theta: Array, tolerance: Array | float) -> NDArray[np.bool_]:
        """Whether any term's S is singular (...), up to `tolerance`, for theta (T, ...)."""
        tol = np.broadcast_to(tolerance, (self.n_theta,))
        shape = (-1,) + (1,) * (theta.ndim - 1)
        found = [
            template.near_boundary(theta[part], tol[part].reshape(shape))
            for template, part in zip(self.templates, self.term_slices, strict=True)
        ]
        return np.asarray(np.any(found, axis=0))

    def canonical(self, theta: Array, tolerance: Array | float = 0.0) -> Array:
        """The one theta (T,) inside the bounds with these S; see `Template.canonical`."""
        tol = np.broadcast_to(tolerance, (self.n_theta,))
        return np.concatenate(
            [
                template.canonical(theta[part], tol[part])
                for template, part in zip(self.templates, self.term_slices, strict=True)
            ]
        )


def build_covariance(
    term_factor: tuple[int, ...], templates: Sequence[Template | int]
) -> Covariance:
    """Templates of a model's terms; a number stands for an unstructured one of so many effects."""
    made = tuple(Unstructured(one) if isinstance(one, int) else one for one in templates)
    return Covariance(made, term_factor)
