"""The random-effect block bootstrap."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import flag
from pybootmlm.linalg.group_qr import group_qr
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.rows import WeightedRows
from pybootmlm.resampling.residual import PoolPlan
from pybootmlm.resampling.residual_cgr import rescaled_effects, rescaled_errors
from pybootmlm.resampling.scheme import EffectsAndErrors, one_factor_only
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class REB:
    """Least-squares effects of the clusters, and residuals drawn within clusters.

    Attributes
    ----------
    reb_scale : bool
        Rescale effects and residuals as in the CGR bootstrap, then centre them.

    References
    ----------
    Chambers, R. and Chandra, H. (2013). A random effect block bootstrap for clustered data. Journal
    of Computational and Graphical Statistics 22, section 2; bootmlm 0.1.1, ``type = "reb"``.
    """

    reb_scale: bool = False
    name = "reb"

    def __post_init__(self) -> None:
        flag(self.reb_scale, "reb_scale")

    def plan(self, fit: LmerFit) -> "REBPlan":
        """Prepare for a fit."""
        one_factor_only(fit, "REB")
        rows, codes = WeightedRows(fit), fit.design.factors[0].codes
        effects, errors = _least_squares(rows.Z(0), codes, int(fit.ngrps.iloc[0]), rows.eps)
        ends = np.cumsum([len(term.names) for term in fit.design.terms])[:-1]
        pools = tuple(np.split(effects, ends))
        if self.reb_scale:
            errors = rescaled_errors(fit, errors)
            errors = errors - errors.mean()
            scaled = rescaled_effects(fit, list(pools))
            pools = tuple(b - b.mean(axis=1, keepdims=True) for b in scaled)
        return REBPlan(fit, pools, errors, np.argsort(codes, kind="stable"))


@dataclass(frozen=True)
class REBPlan(PoolPlan):
    """Effects to be drawn from, and errors to be drawn within clusters.

    Attributes
    ----------
    by_cluster : (n,) array of int
        Rows sorted by cluster, in their order within each.
    """

    by_cluster: Indices

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[EffectsAndErrors]:
        """Per replicate: levels for each term, then positions within each cluster in turn."""
        factor = self.fit.design.factors[0]
        sizes = np.bincount(factor.codes, minlength=len(factor.levels)).tolist()
        levels = [(pool.shape[1], pool.shape[1]) for pool in self.effects]
        starts = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
        for count in counts:
            drawn = source.indices([*levels, *((size, size) for size in sizes)], count)
            within = np.hstack(drawn[len(levels) :])
            yield EffectsAndErrors(tuple(drawn[: len(levels)]), within + starts)

    def drawn_errors(self, rows: Indices) -> Array:
        """Errors (n, B), of the positions drawn (n, B) among the rows sorted by cluster."""
        errors = np.empty(rows.shape)
        errors[self.by_cluster] = self.errors[self.by_cluster][rows]
        return errors


def _least_squares(Z: Array, codes: Indices, levels: int, r: Array) -> tuple[Array, Array]:
    """Coefficients (q, J) of r on Z within each cluster, and residuals (n,).

    Where a cluster cannot tell its columns apart, the dependent ones get the coefficient 0.
    """
    qr = group_qr(Z, codes, levels)
    coordinates = qr.coordinates(r[:, None])
    b = np.zeros((Z.shape[1], levels))
    for i in reversed(range(Z.shape[1])):
        left = coordinates[i, 0] - np.einsum("kj,kj->j", qr.F[i, i + 1 :], b[i + 1 :])
        pivot = qr.F[i, i]
        b[i] = np.divide(left, pivot, out=np.zeros_like(left), where=pivot > 0)
    return b, qr.residual(r[:, None], coordinates)[:, 0]
