"""The fixed effects and sigma, profiled out.

What remains once the random effects are eliminated is the cross-product matrix of [X y] in the
metric of V^-1. From it come the generalised least-squares coefficients, the penalised residual
sum of squares r2, and the criterion (Bates et al. 2015, equations 34 and 41).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked

Array = NDArray[np.float64]


# A residual sum of squares below this share of the response's is what rounding left.
ROUNDING = 1e-14


@dataclass(frozen=True)
class Tail:
    """Profile of one or many data sets; trailing axis B runs over data sets.

    Attributes
    ----------
    C : (p, p, B) array
        Lower Cholesky factor of X'V^-1 X.
    gamma : (p, B) array
        Generalised least-squares coefficients.
    r2 : (B,) array
        Penalised residual sum of squares at its minimum.
    """

    C: Array
    gamma: Array
    r2: Array

    def take(self, b: int) -> "Tail":
        """The profile of data set `b` alone."""
        return Tail(self.C[..., b : b + 1], self.gamma[..., b : b + 1], self.r2[b : b + 1])

    @staticmethod
    def joined(tails: "list[Tail]") -> "Tail":
        """The profiles of several data sets as one stack."""
        return Tail(
            np.concatenate([one.C for one in tails], axis=-1),
            np.concatenate([one.gamma for one in tails], axis=-1),
            np.concatenate([one.r2 for one in tails]),
        )

    def above_rounding(self, yy: Array) -> "Tail":
        """The same, r2 NaN where of `yy` (B,) nothing but rounding is left: no criterion there."""
        return replace(self, r2=np.where(self.r2 > ROUNDING * yy, self.r2, np.nan))

    @property
    def log_det_XX(self) -> Array:
        """log|X'V^-1 X| (B,)."""
        if self.C.shape[0] == 0:
            return np.zeros(self.r2.shape)
        return 2 * stacked.log_diagonal(self.C)


def profile_out(XX: Array, Xy: Array, yy: Array) -> Tail:
    """Eliminate X from X'V^-1X (p, p, B), X'V^-1y (p, B) and y'V^-1y (B,)."""
    if XX.shape[0] == 0:
        return Tail(np.zeros((0, 0, *yy.shape)), np.zeros((0, *yy.shape)), yy)
    C = stacked.cholesky(XX)
    half = stacked.solve_lower(C, Xy[:, None])
    gamma = stacked.solve_lower_transposed(C, half)[:, 0]
    return Tail(C, gamma, yy - (half[:, 0] ** 2).sum(axis=0))


def criterion_value(log_det_V: Array, tail: Tail, df: Array | float, reml: bool) -> Array:
    """Profiled deviance, or REML criterion, in the coordinates of the tail (B,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = log_det_V + df * (1 + np.log(2 * np.pi * tail.r2 / df))
    return value + tail.log_det_XX if reml else value
