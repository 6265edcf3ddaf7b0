"""Pools of random effects as bootmlm makes them of weighted, and of singular, fits."""

import numpy as np
from numpy.typing import NDArray

from pybootmlm import LmerFit
from pybootmlm.linalg.roots import solve_eigen_sqrt
from pybootmlm.resampling.reflation import cholesky_whitened, root_whitened

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_FULL = 1e-10  # of the largest eigenvalue: a smaller one is rounding


def reflated_without_weights(fit: LmerFit) -> tuple[Array, ...]:
    r"""Reflate effects by the variance that they would have if rows had no weights.

    The effects are those of the weighted fit, :math:`\hat u = Qy` with
    :math:`Q = MA(I - XHX'(I - A'MA))`, :math:`A = \Lambda'Z'`, :math:`M = (AWA' + I)^{-1}` and H
    from the weighted fit too, but W is missing everywhere else, and from the variance
    :math:`\Lambda Q(I + A'A)Q'\Lambda'`, of which the blocks of levels are taken.
    """
    variances, effects = _variances_without_weights(fit), _effects(fit)
    white = [cholesky_whitened(V, b) for V, b in zip(variances, effects, strict=True)]
    if any(values is None for values in white):
        white = [root_whitened(V, b) for V, b in zip(variances, effects, strict=True)]
    return tuple(L @ s for L, s in zip(_roots(fit), white, strict=True) if s is not None)


def reflated_by_each_root(fit: LmerFit) -> tuple[tuple[str, Array, Mask], ...]:
    """Reflate effects by Cholesky roots, and by symmetric ones.

    Returns
    -------
    tuple of (str, (k,) array, (k,) array of bool)
        Name of the root; effects of all terms, level by level; whether the variance of their
        level has full rank. Where it has not, the Cholesky effects are 0.
    """
    by_cholesky, by_root, regular = [], [], []
    for V, b, L in zip(_variances_without_weights(fit), _effects(fit), _roots(fit), strict=True):
        values = np.linalg.eigvalsh(np.moveaxis(V, -1, 0))
        full = values[:, 0] > _FULL * values[:, -1].max()
        white = np.zeros_like(b)
        for j in np.flatnonzero(full):
            white[:, j] = np.linalg.solve(np.linalg.cholesky(V[:, :, j]), b[:, j])
        by_cholesky.append((L @ white).ravel(order="F"))
        by_root.append((L @ root_whitened(V, b)).ravel(order="F"))
        regular.append(np.repeat(full, len(b)))
    mask = np.concatenate(regular)
    return (
        ("Cholesky", np.concatenate(by_cholesky), mask),
        ("symmetric", np.concatenate(by_root), mask),
    )


def by_symmetric_root(fit: LmerFit) -> tuple[Array, ...]:
    """Rescale effects by a Cholesky root, or by a symmetric one where that does not exist."""
    out = []
    for L, b in zip(_roots(fit), _effects(fit), strict=True):
        centred = b - b.mean(axis=1, keepdims=True)
        S = centred @ centred.T / b.shape[1]
        white = cholesky_whitened(S[:, :, None], b)
        out.append(fit.sigma * L @ (solve_eigen_sqrt(S, b) if white is None else white))
    return tuple(out)


def _effects(fit: LmerFit) -> list[Array]:
    """Effects (q, J) of each term."""
    return [b.T * fit.model.coordinates.scale for b in fit.model.by_term(fit.state.b)]


def _roots(fit: LmerFit) -> tuple[Array, ...]:
    """Lambda of each term."""
    return fit.labels.covariance.term_matrices(fit.theta)


def _variances_without_weights(fit: LmerFit) -> list[Array]:
    """Variance (q, q, J) of the effects of each term, over sigma^2, in dense matrices."""
    Lambda, Z = fit.getME("Lambda").toarray(), fit.getME("Z").toarray()
    A, X = (Z @ Lambda).T, fit.design.X
    w = np.ones(fit.nobs) if fit.design.weights is None else fit.design.weights
    MA = np.linalg.solve((A * w) @ A.T + np.eye(len(A)), A)
    XR = X @ fit.solution.RX_inverse
    Q = MA - (MA @ XR) @ (XR.T - (XR.T @ A.T) @ MA)
    root = Lambda @ np.hstack([Q, Q @ A.T])
    variances, at = [], 0
    for L, b in zip(_roots(fit), _effects(fit), strict=True):
        q, J = b.shape
        blocks = root[at : at + J * q].reshape(J, q, -1)
        variance = np.einsum("jak,jbk->abj", blocks, blocks)
        variance[L @ L.T == 0] = 0.0
        variances.append(variance)
        at += J * q
    return variances
