r"""Reflated residuals: predicted effects and errors with their variance restored.

Predicted random effects vary less than the effects they predict:
:math:`\operatorname{Var}(\hat b)/\sigma^2 = D Z'PZ D` with :math:`D = \Lambda\Lambda'` and
:math:`P = V^{-1} - V^{-1}X(X'V^{-1}X)^{-1}X'V^{-1}` (Morris 2002, Statistics & Probability Letters
56; Van der Leeden, Meijer and Busing 2008, pp. 413-415). Each level's effects are standardised with
the Cholesky factor of their block of it, then given their model variance by Lambda. Residuals are
divided by the root of one minus their leverage.
"""

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.rows import WeightedRows, level_sums

Array = NDArray[np.float64]

# A pivot that is this small a part of its diagonal element is rounding, not variance.
NO_PIVOT = 1e-12


def reflated_effects(fit: LmerFit) -> tuple[Array, ...]:
    """Reflated effects of each term (q, J)."""
    matrices = fit.labels.covariance.term_matrices(fit.theta)
    blocks = [_variance_blocks(fit, f) for f in range(len(fit.design.factors))]
    used = [0] * len(blocks)
    variances = []
    for term, L in zip(fit.design.terms, matrices, strict=True):
        part = slice(used[term.factor], used[term.factor] + len(L))
        used[term.factor] += len(L)
        variance = blocks[term.factor][:, part, part].copy()
        variance[:, L @ L.T == 0] = 0.0
        variances.append(np.moveaxis(variance, 0, -1))
    effects = [scaled.T * fit.model.coordinates.scale for scaled in fit.model.by_term(fit.state.b)]
    # One root for all terms: where one block has no Cholesky factor, none is used.
    standardised = [cholesky_whitened(V, b) for V, b in zip(variances, effects, strict=True)]
    if any(values is None for values in standardised):
        standardised = [root_whitened(V, b) for V, b in zip(variances, effects, strict=True)]
    return tuple(L @ s for L, s in zip(matrices, standardised, strict=True) if s is not None)


def reflated_errors(fit: LmerFit) -> Array:
    """Weighted residuals (n,) divided by sqrt(1 - leverage)."""
    residuals = fit.model.coordinates.weigh(fit.design.y - fit.mu)
    # A row with leverage one is fitted exactly: its residual is zero and stays so.
    left = np.maximum(1 - fit.hat, 0.0)
    return np.divide(residuals, np.sqrt(left), out=np.zeros_like(residuals), where=left > 1e-12)


def _variance_blocks(fit: LmerFit, factor: int) -> Array:
    """Var(b)/sigma^2 of each level of a factor (J, q, q)."""
    rows = WeightedRows(fit)
    levels = fit.design.factors[factor]
    own = fit.model.problem.own_v_inverse_Z(fit.theta, factor)
    Z = rows.Z(factor)
    M = level_sums(Z[:, :, None] * own[:, None, :], levels.codes, len(levels.levels))
    N = rows.by_level(factor, rows.v_inverse_X) @ fit.solution.RX_inverse
    L = fit.labels.covariance.factors[factor].Lambda(fit.theta)
    D = L @ L.T
    return np.asarray(D @ (M - N @ N.transpose(0, 2, 1)) @ D)


def cholesky_whitened(variance: Array, b: Array) -> Array | None:
    """L_j^-1 b_j for each level, L_jL_j' = variance (q, q, J or 1), b (q, J); None without L_j."""
    factor = stacked.cholesky(variance)
    pivots = np.array([factor[i, i] ** 2 for i in range(len(factor))])
    diagonal = np.array([variance[i, i] for i in range(len(factor))])
    if not (pivots > NO_PIVOT * diagonal).all():
        return None
    return stacked.solve_lower(factor, b[:, None])[:, 0]


def root_whitened(variance: Array, b: Array) -> Array:
    """Pseudo-inverse symmetric root of each variance (q, q, J or 1) times b_j (q, J)."""
    values, vectors = np.linalg.eigh(np.moveaxis(variance, -1, 0))
    positive = values > NO_PIVOT * values.max(initial=0.0)
    inverse = np.divide(
        1.0, np.sqrt(np.where(positive, values, 1.0)), where=positive, out=np.zeros_like(values)
    )
    along = np.einsum("jab,aj->jb", vectors, b)
    return np.asarray(np.einsum("jab,jb->aj", vectors, inverse * along))
