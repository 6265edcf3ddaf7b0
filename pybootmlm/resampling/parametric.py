"""The parametric bootstrap: random effects and errors from the fitted normal distributions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.fit import LmerFit
from pybootmlm.resampling.scheme import Responses, fixed_part, unweigh
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Normals:
    """Standard normals.

    Attributes
    ----------
    u : (B, q) array
        Spherical effects, ordered term, level, coefficient.
    e : (B, n) array
        Errors.
    """

    u: Array
    e: Array


@dataclass(frozen=True)
class Parametric:
    """y* = X beta + Z Lambda u* + e* with u* and e* normal with standard deviation sigma.

    References
    ----------
    ``lme4::bootMer`` with ``use.u = FALSE``; Van der Leeden, Meijer and Busing (2008), pp. 403-405.
    """

    name = "parametric"

    def plan(self, fit: LmerFit) -> "ParametricPlan":
        """Prepare for a fit."""
        return ParametricPlan(fit)


@dataclass(frozen=True)
class ParametricPlan:
    """The scheme for one fit."""

    fit: LmerFit

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[Normals]:
        """Standard normals for u, then for e."""
        for u, e in source.normals((self.fit.b.size, self.fit.nobs), counts):
            yield Normals(u, e)

    def apply(self, draws: Normals) -> Responses:
        """Responses with these normals."""
        fit, at = self.fit, 0
        by_factor: list[list[Array]] = [[] for _ in fit.design.factors]
        matrices = fit.labels.covariance.term_matrices(fit.theta)
        for term, L in zip(fit.design.terms, matrices, strict=True):
            J, q = len(fit.design.factors[term.factor].levels), len(L)
            u = draws.u[:, at : at + J * q].reshape(-1, J, q)
            by_factor[term.factor].append(fit.sigma * np.einsum("ac,bjc->jab", L, u))
            at += J * q
        effects = tuple(np.concatenate(parts, axis=1) for parts in by_factor)
        return Responses(fixed_part(fit), effects, unweigh(fit, fit.sigma * draws.e.T))
