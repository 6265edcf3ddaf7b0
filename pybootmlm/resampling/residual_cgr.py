"""The residual bootstrap of Carpenter, Goldstein and Rasbash."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.fit import LmerFit
from pybootmlm.resampling.reflation import NO_PIVOT
from pybootmlm.resampling.residual import PoolPlan

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ResidualCGR:
    r"""Predicted effects and residuals, rescaled so that their second moments are the model's.

    With S the second moment of a term's effects about their mean, each effect is multiplied by
    :math:`\sigma\Lambda S^{-1/2}` (Cholesky root); it is not centred itself. So the model's
    covariance is met about the mean: in a model without an intercept, whose effects need not
    average zero, their mean is inflated with them. Use ``"residual"`` there.

    References
    ----------
    Carpenter, J. R., Goldstein, H. and Rasbash, J. (2003). A novel bootstrap procedure for
    assessing the relationship between class size and achievement. Applied Statistics 52, section
    3.2; bootmlm 0.1.1, ``type = "residual_cgr"``.
    """

    name = "residual_cgr"

    def plan(self, fit: LmerFit) -> PoolPlan:
        """Prepare for a fit."""
        effects = [b.T * fit.model.coordinates.scale for b in fit.model.by_term(fit.state.b)]
        return PoolPlan(fit, rescaled_effects(fit, effects), rescaled_errors(fit, _residuals(fit)))


def rescaled_effects(fit: LmerFit, effects: list[Array]) -> tuple[Array, ...]:
    """Effects of each term (q, J) with the model's covariance."""
    out = []
    for L, b in zip(fit.labels.covariance.term_matrices(fit.theta), effects, strict=True):
        centred = b - b.mean(axis=1, keepdims=True)
        out.append(fit.sigma * L @ _whitened(centred @ centred.T / b.shape[1], b))
    return tuple(out)


def _whitened(S: Array, b: Array) -> Array:
    """F^-1 b (q, J) with FF' = S by Cholesky.

    Where S is singular, because Lambda is, a column without a pivot is left out. What is left
    has the second moments of the model all the same; a symmetric root would lose some.
    """
    F, white = np.zeros_like(S), np.zeros_like(b)
    for i in range(len(S)):
        pivot = S[i, i] - F[i, :i] @ F[i, :i]
        if pivot > NO_PIVOT * S[i, i]:
            F[i:, i] = (S[i:, i] - F[i:, :i] @ F[i, :i]) / np.sqrt(pivot)
            white[i] = (b[i] - F[i, :i] @ white[:i]) / F[i, i]
    return white


def rescaled_errors(fit: LmerFit, errors: Array) -> Array:
    """Errors (n,) with root mean square sigma."""
    rescaled: Array = errors * (fit.sigma / np.sqrt(np.mean(errors**2)))
    return rescaled


def _residuals(fit: LmerFit) -> Array:
    return fit.model.coordinates.weigh(fit.design.y - fit.mu)
