"""The transformed residual bootstrap: marginal residuals made independent, resampled, put back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pybootmlm.exceptions import ModelError
from pybootmlm.linalg.roots import solve_eigen_sqrt
from pybootmlm.lmm.components import random_matrix
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.rows import WeightedRows
from pybootmlm.resampling.innovations import Innovations, innovations
from pybootmlm.resampling.scheme import Responses, fixed_part, flag, unweigh
from pybootmlm.resampling.sources import Source

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# Rows up to which the corrected scheme may form a matrix of rows by rows for crossed factors.
MOST_ROWS = 10_000


@dataclass(frozen=True)
class ResidualTrans:
    r"""Residuals :math:`y - X\beta` decorrelated by a root of their variance V.

    With V = R'R in the order of the rows, :math:`\zeta = R^{-T}(y - X\beta)` is centred and
    resampled, and :math:`y^* = X\beta + R'\zeta^*`.

    Attributes
    ----------
    corrected_trans : bool
        Decorrelate with the variance of the residuals, :math:`V - X(X'V^{-1}X)^{-1}X'` with zeros
        kept where V has them, instead of V; V puts the correlation back all the same.

    References
    ----------
    Van der Leeden, Meijer and Busing (2008), pp. 415-416; bootmlm 0.1.1,
    ``type = "residual_trans"``.
    """

    corrected_trans: bool = False
    name = "residual_trans"

    def __post_init__(self) -> None:
        flag(self.corrected_trans, "corrected_trans")

    def plan(self, fit: LmerFit) -> "TransformedPlan":
        """Prepare for a fit."""
        rows = WeightedRows(fit)
        one = len(fit.design.factors) == 1
        if one:
            template = fit.labels.covariance.factors[0].Lambda(fit.theta)
            z, codes, S = rows.Z(0), fit.design.factors[0].codes, template @ template.T
        else:
            z, codes, S = _all_effects(fit)
        factor = innovations(z, codes, S)
        if not self.corrected_trans:
            zeta = factor.whiten(rows.eps[:, None])[:, 0]
        elif one:
            zeta = _corrected_by_group(fit, rows, z, codes, S)
        else:
            zeta = _corrected_dense(fit, rows, z, S)
        return TransformedPlan(fit, factor, zeta - zeta.mean())


@dataclass(frozen=True)
class TransformedPlan:
    """Independent residuals to be drawn from.

    Attributes
    ----------
    fit : LmerFit
    factor : Innovations
        Puts the correlation back.
    zeta : (n,) array
        Centred.
    """

    fit: LmerFit
    factor: Innovations
    zeta: Array

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[Indices]:
        """Positions among the residuals (B, n)."""
        n = self.fit.nobs
        for count in counts:
            yield source.indices([(n, n)], count)[0]

    def apply(self, draws: Indices) -> Responses:
        """Responses from the positions drawn."""
        errors = self.factor.colour(self.zeta[draws.T])
        return Responses(fixed_part(self.fit), (), unweigh(self.fit, errors))


def _all_effects(fit: LmerFit) -> tuple[Array, Indices, Array]:
    """Rows of the whole Z (n, q), one group, and LambdaLambda' (q, q)."""
    Z = fit.model.coordinates.weigh(random_matrix(fit).toarray())
    Lambda = fit.getME("Lambda")
    return Z, np.zeros(fit.nobs, np.intp), (Lambda @ Lambda.T).toarray()


def _weighted_X(fit: LmerFit) -> Array:
    return fit.model.coordinates.weigh(fit.design.X) @ fit.solution.RX_inverse


def _corrected_by_group(
    fit: LmerFit, rows: WeightedRows, z: Array, codes: Indices, S: Array
) -> Array:
    """Residuals (n,) whitened by V_j - X_j H X_j' where V_j is not zero, group by group."""
    X = _weighted_X(fit)
    q, p = z.shape[1], X.shape[1]
    # Zeros of V within a group need one in S, or a row whose z is zero where it counts.
    if (S != 0).all() and (z != 0).any(axis=1).all():
        both = np.zeros((q + p, q + p))
        both[:q, :q], both[q:, q:] = S, -np.eye(p)
        factor = innovations(np.hstack([z, X]), codes, both)
        if factor.positive_definite:
            return factor.whiten(rows.eps[:, None])[:, 0]
    groups = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    variances = [_corrected_variance(z[at], S, X[at]) for at in groups]
    zeta = np.empty(fit.nobs)
    for at, values in zip(
        groups, _whitened(variances, [rows.eps[at] for at in groups]), strict=True
    ):
        zeta[at] = values
    return zeta


def _corrected_variance(z: Array, S: Array, X: Array) -> Array:
    """V - XHX' with zeros kept where V has them."""
    V = np.eye(len(z)) + z @ S @ z.T
    return np.asarray(np.where(V == 0, 0.0, V - X @ X.T))


def _whitened(variances: list[Array], residuals: list[Array]) -> list[Array]:
    """Residuals whitened by Cholesky roots, or all by symmetric roots where one has no other."""
    try:
        roots = [np.linalg.cholesky(variance) for variance in variances]
    except np.linalg.LinAlgError:
        pairs = zip(variances, residuals, strict=True)
        return [solve_eigen_sqrt(variance, r) for variance, r in pairs]
    return [solve_triangular(L, r, lower=True) for L, r in zip(roots, residuals, strict=True)]


def _corrected_dense(fit: LmerFit, rows: WeightedRows, z: Array, S: Array) -> Array:
    """Residuals (n,) whitened by V - XHX' where V is not zero, with crossed factors."""
    if fit.nobs > MOST_ROWS:
        raise ModelError(
            "`corrected_trans` with several grouping factors needs a matrix of rows by rows; this "
            f"fit has {fit.nobs} rows and the limit is {MOST_ROWS}. Use corrected_trans=False."
        )
    return _whitened([_corrected_variance(z, S, _weighted_X(fit))], [rows.eps])[0]
