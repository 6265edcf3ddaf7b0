"""What the criterion among many random effects has of theta alone, whatever the response.

A sweep at theta gives log|V|, X'V^-1X and how both change with S; a response is then a matter of
two solves. So replicates that begin at one theta share the dearest part of their first evaluation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.covariance import Covariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.several_factors.average_information import average_information
from pybootmlm.lmm.several_factors.block_stage import Reduced
from pybootmlm.lmm.several_factors.sweep import Sweep, by_S, eliminate, solve
from pybootmlm.lmm.tail import Tail, criterion_value, profile_out

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Elimination:
    """The random effects of a model eliminated at one theta.

    Attributes
    ----------
    covariance : Covariance
    levels : tuple of int
    theta : (T,) array
    reml : bool
    df : int
        n, or n - p under REML.
    sweep : Sweep
        Its tail's last column is some response's.
    K : tuple of (q, q) arrays
        Derivatives by each S of log|V| + [REML: log|X'V^-1X|].
    """

    covariance: Covariance
    levels: tuple[int, ...]
    theta: Array
    reml: bool
    df: int
    sweep: Sweep
    K: tuple[Array, ...]

    def is_of(self, covariance: Covariance, theta: Array, reml: bool) -> bool:
        """Whether it is what is wanted."""
        same = self.covariance is covariance and self.reml == reml
        return same and bool(np.array_equal(self.theta, theta))

    def evaluate(self, start: Reduced) -> Evaluation:
        """Criterion, gradient and average information (B = 1) of the response in `start`."""
        tail = self._tail(start)
        residual = np.append(-tail.gamma[:, 0], 1.0)
        right = start.Zt @ residual
        e = right - start.ZZ @ solve(self.sweep, right)[1]
        gradient = np.empty_like(self.theta)
        K, first = [], 0
        for factor, J, of_theta in zip(self.covariance.factors, self.levels, self.K, strict=True):
            own = e[first : first + J * factor.size].reshape(J, -1)
            K.append((of_theta + of_theta.T) / 2 - self.df / tail.r2[0] * own.T @ own)
            gradient[factor.theta_index] = factor.gradient(K[-1], self.theta)
            first += J * factor.size
        H = average_information(
            self.covariance, self.levels, start, self.theta, self.sweep, tail, e, K, self.df
        )
        value = criterion_value(np.array([self.sweep.log_det_V]), tail, self.df, self.reml)
        return Evaluation(value, gradient[None], H[None])

    def _tail(self, start: Reduced) -> Tail:
        """The fixed effects of the response in `start` eliminated too."""
        V_tt = self.sweep.tt.copy()
        effects = solve(self.sweep, start.Zt[:, -1])[1]
        V_tt[:, -1] = start.tt[:, -1] - start.Zt.T @ effects
        tail = profile_out(V_tt[:-1, :-1, None], V_tt[:-1, -1:], V_tt[-1, -1:])
        return tail.above_rounding(start.tt[-1:, -1])


def elimination(
    start: Reduced,
    covariance: Covariance,
    levels: tuple[int, ...],
    theta: Array,
    reml: bool,
    df: int,
) -> Elimination:
    """Eliminate the random effects of `start` at `theta` (T,)."""
    templates = [factor.Lambda(theta) for factor in covariance.factors]
    sweep = eliminate(start, templates, list(levels))
    p = len(sweep.tt) - 1
    adjoint = np.zeros_like(sweep.tt)
    if reml and p:
        adjoint[:p, :p] = np.linalg.inv(sweep.tt[:p, :p])
    return Elimination(covariance, levels, theta, reml, df, sweep, tuple(by_S(sweep, adjoint)))
