"""Moments of data sets in which whole clusters count more than once, or not at all."""

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg.group_qr import group_sums
from pybootmlm.lmm.one_factor.moments import Moments
from pybootmlm.lmm.one_factor.problem import OneFactorProblem

Array = NDArray[np.float64]


class ClusterMoments:
    """Makes moments from how often each cluster counts.

    Parameters
    ----------
    problem : OneFactorProblem
    """

    def __init__(self, problem: OneFactorProblem) -> None:
        self.whole, qr = problem.moments, problem.rows.qr
        y_within = qr.residual(problem.y[:, None], self.whole.fy)
        both = np.column_stack([problem.rows.X_within, y_within])
        k = both.shape[1]
        self.within = np.empty((k, k, qr.n_groups))
        for a in range(k):
            for b in range(a + 1):
                sums = group_sums(both[:, a] * both[:, b], qr.codes, qr.n_groups)
                self.within[a, b] = self.within[b, a] = sums
        self.sizes = np.bincount(qr.codes, minlength=qr.n_groups).astype(float)

    def __call__(self, multiplicity: Array) -> Moments:
        """Moments of a batch; `multiplicity` (B, J) says how often each cluster counts."""
        # Summed anew for each data set: differences from the whole would cancel.
        left = np.einsum("acj,bj->acb", self.within, multiplicity)
        return Moments(
            F=self.whole.F,
            fX=self.whole.fX,
            fy=self.whole.fy,
            WXX=left[:-1, :-1],
            WXy=left[:-1, -1],
            Wyy=left[-1, -1],
            n=multiplicity @ self.sizes,
            multiplicity=multiplicity,
        )
