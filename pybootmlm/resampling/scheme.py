"""What a resampling scheme is.

A scheme is a frozen value with its options. Prepared for a fit it becomes a plan, which has two
parts: `draw` takes random numbers and nothing else, `apply` makes data of them and is a pure
function. So draws recorded elsewhere, by R, can be replayed through `apply`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Responses:
    """B new responses on the model's own X and Z: y* = fixed + Z b* + e*.

    Attributes
    ----------
    fixed : (n,) array
        X beta, with the offset.
    effects : tuple of (J, q, B) arrays
        b* of each grouping factor; empty where the scheme has none.
    errors : (n, B) array
        e*.
    """

    fixed: Array
    effects: tuple[Array, ...]
    errors: Array

    def __len__(self) -> int:
        return int(self.errors.shape[1])

    def y(self, fit: LmerFit) -> Array:
        """The responses themselves (n, B)."""
        out = self.fixed[:, None] + self.errors
        for f, b in enumerate(self.effects):
            columns = [term.Z for term in fit.design.terms if term.factor == f]
            Z, codes = np.hstack(columns), fit.design.factors[f].codes
            for a in range(Z.shape[1]):
                out += Z[:, a, None] * b[codes, a]
        return out


@dataclass(frozen=True)
class Resamples:
    """B new data sets made of the model's clusters; a cluster drawn twice counts as two.

    Attributes
    ----------
    clusters : (B, J) array of int
        Clusters drawn.
    rows : tuple of B tuples of J arrays of int, or None
        Rows of the data in each drawn cluster; None where clusters are taken whole.
    """

    clusters: Indices
    rows: tuple[tuple[Indices, ...], ...] | None = None

    def __len__(self) -> int:
        return len(self.clusters)

    @property
    def multiplicity(self) -> Array:
        """How often each cluster was drawn (B, J)."""
        B, J = self.clusters.shape
        flat = (self.clusters + J * np.arange(B)[:, None]).ravel()
        return np.bincount(flat, minlength=B * J).reshape(B, J).astype(float)


class Plan(Protocol):
    """A scheme prepared for a fit."""

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[Any]:
        """Draws of batches of so many replicates."""

    def apply(self, draws: Any) -> Responses | Resamples:
        """Data of a batch; the same draws give the same data."""


class Scheme(Protocol):
    """A resampling scheme and its options."""

    @property
    def name(self) -> str:
        """bootmlm's name of the type."""

    def plan(self, fit: LmerFit) -> Plan:
        """Prepare for a fit; raises ArgumentError where the scheme does not suit the model."""


@dataclass(frozen=True)
class EffectsAndErrors:
    """Index draws of the schemes that resample random effects and errors.

    Attributes
    ----------
    effects : tuple of (B, J) arrays of int
        Levels drawn, one array a random-effects term.
    errors : (B, n) array of int
        Positions drawn among the errors.
    """

    effects: tuple[Indices, ...]
    errors: Indices


def resampled_effects(
    fit: LmerFit, pools: tuple[Array, ...], drawn: tuple[Indices, ...]
) -> tuple[Array, ...]:
    """b* of each factor (J, q, B): for every term, columns of its pool (q, J) as drawn (B, J)."""
    by_factor: list[list[Array]] = [[] for _ in fit.design.factors]
    for term, pool, index in zip(fit.design.terms, pools, drawn, strict=True):
        by_factor[term.factor].append(pool[:, index.T])
    return tuple(np.concatenate(parts).transpose(1, 0, 2) for parts in by_factor)


def fixed_part(fit: LmerFit) -> Array:
    """X beta with the offset (n,)."""
    mean: Array = fit.design.X @ fit.beta
    return mean if fit.design.offset is None else mean + fit.design.offset


def unweigh(fit: LmerFit, rows: Array) -> Array:
    """Weighted rows (n, ...) back in the units of the response."""
    root = fit.model.coordinates.root_weights
    return rows if root is None else rows / root.reshape((-1,) + (1,) * (rows.ndim - 1))


def one_factor_only(fit: LmerFit, scheme: str) -> None:
    """Refuse models with several grouping factors.

    Raises
    ------
    ArgumentError
        The message names the factors and the schemes that do support them.
    """
    names = [f"`{factor.name}`" for factor in fit.design.factors]
    if len(names) > 1:
        raise ArgumentError(
            f"The {scheme} bootstrap supports one grouping factor; this fit has {len(names)} "
            f"({', '.join(names)}). Use 'parametric', 'residual', 'residual_cgr' or "
            "'residual_trans'."
        )
