"""Scores as bootmlm computes them for a fit with weights or an offset, in dense matrices."""

import numpy as np
from numpy.typing import NDArray

from parity.emulation.told import without_offset, without_weights
from pybootmlm import LmerFit
from pybootmlm.lmm.covariance import lower_triangle
from pybootmlm.lmm.rows import WeightedRows, level_sums

Array = NDArray[np.float64]


def scores(fit: LmerFit, level: int, *, as_r: bool) -> Array:
    r"""Return scores (n or J, p + t + 1), in theta's order, of R's rows or of the right ones.

    With rows weighted throughout, and the offset subtracted, the formula is that of
    `pybootmlm.scores_mer`: :math:`V^{-1} = I - A'(AA' + I)^{-1}A`, :math:`A = \Lambda'Z'`. bootmlm
    takes X, Z and y - X beta as they stand in the data, but the factor :math:`AA' + I` and the
    covariance of the fixed effects from the weighted fit.
    """
    Lambda, Z, X = fit.getME("Lambda").toarray(), fit.getME("Z").toarray(), fit.design.X
    weigh = fit.model.coordinates.weigh
    core = np.linalg.inv((weigh(Z) @ Lambda).T @ (weigh(Z) @ Lambda) + np.eye(len(Lambda)))
    if as_r:
        eps = WeightedRows(without_offset(without_weights(fit))).eps
    else:
        Z, X, eps = weigh(Z), weigh(X), WeightedRows(fit).eps
    A = (Z @ Lambda).T
    V_inverse = np.eye(fit.nobs) - A.T @ core @ A
    V_inverse_X = V_inverse @ X
    B = V_inverse
    if fit.reml:
        root = V_inverse_X @ fit.solution.RX_inverse
        B = V_inverse - root @ root.T
    sigma2, e = fit.sigma**2, V_inverse @ eps
    columns = [V_inverse_X * eps[:, None] / sigma2]
    for step in _steps(fit):
        dV = Z @ step @ Z.T
        spread = V_inverse @ (dV @ e) * eps / sigma2
        columns.append(((-(B * dV).sum(axis=1) + spread) / 2 / sigma2)[:, None])
    by_sigma2 = (-fit.solution.df / fit.nobs + e * eps / sigma2) / 2 / sigma2
    found = np.hstack([*columns, by_sigma2[:, None]])
    if level == 1:
        return np.asarray(found)
    factor = fit.design.factors[0]
    return np.asarray(level_sums(found, factor.codes, len(factor.levels)))


def _steps(fit: LmerFit) -> list[Array]:
    """Derivatives (q, q) of the effects' covariance by each of its elements, in theta's order."""
    total = fit.b.size
    out, at = [], 0
    for term in fit.design.terms:
        q, J = len(term.names), len(fit.design.factors[term.factor].levels)
        for a, b in zip(*lower_triangle(q), strict=True):
            one = np.zeros((q, q))
            one[a, b] = one[b, a] = 1.0
            step = np.zeros((total, total))
            step[at : at + J * q, at : at + J * q] = np.kron(np.eye(J), one)
            out.append(step)
        at += J * q
    return out
