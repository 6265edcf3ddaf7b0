"""The transformed residual bootstrap: marginal residuals made independent, resampled, put back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pybootmlm.checks import flag
from pybootmlm.exceptions import ModelError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.rows import WeightedRows
from pybootmlm.resampling.connected import connected_rows, place_in_group
from pybootmlm.resampling.innovations import Innovations, innovations
from pybootmlm.resampling.reflation import NO_PIVOT, root_whitened
from pybootmlm.resampling.scheme import Responses, fixed_part, unweigh
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# Correlated rows for which the corrected scheme may form a matrix of rows by rows.
MOST_ROWS = 10_000
# Rows times squared random effects of a group up to which rows are predicted: about a minute.
MOST_WORK = 5e10


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
        if len(fit.design.factors) == 1:
            template = fit.labels.covariance.factors[0].Lambda(fit.theta)
            z, codes, S = rows.Z(0), fit.design.factors[0].codes, template @ template.T
        else:
            z, codes, S = _all_effects(fit)
        factor = innovations(z, codes, S)
        if self.corrected_trans:
            zeta = _corrected(fit, rows, z, codes, S)
        else:
            zeta = factor.whiten(rows.eps[:, None])[:, 0]
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
    """Rows of Z (n, d), their groups, and LambdaLambda' (d, d), with several factors.

    A group is all that is connected: with nested factors, a level of the outermost one. Each
    factor has as many places in z as the group with the most of its levels needs.

    Raises
    ------
    ModelError
        With factors so large and so crossed it would take hours.
    """
    rows, design = WeightedRows(fit), fit.design
    groups = connected_rows([factor.codes for factor in design.factors])
    Lambdas = [f.Lambda(fit.theta) for f in fit.labels.covariance.factors]
    places, places_needed = [], []
    for factor in design.factors:
        place = place_in_group(factor.codes, groups)
        places.append(place)
        places_needed.append(int(place.max()) + 1)
    d = sum(m * len(L) for m, L in zip(places_needed, Lambdas, strict=True))
    if fit.nobs * d**2 > MOST_WORK:
        raise ModelError(
            f"`residual_trans` with crossed grouping factors predicts each of the {fit.nobs} rows "
            f"from {d} random effects at once, which is too much. Use type='residual' or "
            "'residual_cgr'."
        )
    z, S, at = np.zeros((fit.nobs, d)), np.zeros((d, d)), 0
    for f, (place, m, L) in enumerate(zip(places, places_needed, Lambdas, strict=True)):
        q = len(L)
        columns = at + place[:, None] * q + np.arange(q)
        np.put_along_axis(z, columns, rows.Z(f), axis=1)
        S[at : at + m * q, at : at + m * q] = np.kron(np.eye(m), L @ L.T)
        at += m * q
    return z, groups, S


def _weighted_X(fit: LmerFit) -> Array:
    return fit.model.coordinates.weigh(fit.design.X) @ fit.solution.RX_inverse


def _corrected(fit: LmerFit, rows: WeightedRows, z: Array, codes: Indices, S: Array) -> Array:
    """Residuals (n,) whitened by V_j - X_j H X_j' where V_j is not zero, group by group.

    Raises
    ------
    ModelError
        A group needs a matrix of rows by rows and is too large for it.
    """
    X = _weighted_X(fit)
    q, p = z.shape[1], X.shape[1]
    # Zeros of V within a group need one in S, or a row whose z is zero where it counts.
    if (S != 0).all() and (z != 0).any(axis=1).all():
        both = np.zeros((q + p, q + p))
        both[:q, :q], both[q:, q:] = S, -np.eye(p)
        factor = innovations(np.hstack([z, X]), codes, both, NO_PIVOT)
        if factor.positive_definite:
            return factor.whiten(rows.eps[:, None])[:, 0]
    largest = int(np.bincount(codes).max())
    if largest > MOST_ROWS:
        raise ModelError(
            "`corrected_trans` needs a matrix of rows by rows for all that are correlated; here "
            f"these are {largest} rows and the limit is {MOST_ROWS}. Use corrected_trans=False."
        )
    groups = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    # By Cholesky roots, or all by symmetric roots where one group has no other.
    for whitened in (_by_cholesky, _by_root):
        zeta = np.empty(fit.nobs)
        try:
            for at in groups:
                zeta[at] = whitened(_corrected_variance(z[at], S, X[at]), rows.eps[at])
        except np.linalg.LinAlgError:
            continue
        break
    return zeta


def _corrected_variance(z: Array, S: Array, X: Array) -> Array:
    """V - XHX' with zeros kept where V has them."""
    V = np.eye(len(z)) + z @ S @ z.T
    return np.asarray(np.where(V == 0, 0.0, V - X @ X.T))


def _by_cholesky(variance: Array, residuals: Array) -> Array:
    root = np.linalg.cholesky(variance)
    if not (np.diag(root) ** 2 > NO_PIVOT * np.diag(variance)).all():
        raise np.linalg.LinAlgError
    whitened: Array = solve_triangular(root, residuals, lower=True)
    return whitened


def _by_root(variance: Array, residuals: Array) -> Array:
    return root_whitened(variance[:, :, None], residuals[:, None])[:, 0]
