"""Sufficient statistics of resampled data, without forming the data where that can be avoided."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.linalg.group_qr import group_qr
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.one_factor.moments import Moments
from pybootmlm.lmm.one_factor.problem import OneFactorProblem
from pybootmlm.resampling.scheme import Resamples, Responses

Array = NDArray[np.float64]


class ResponseMoments:
    """Moments of y* - X beta = Z b* + e* for batches of responses.

    What b* contributes lies in the groups' own columns, so it is known from F_j b*_j; only e* is
    read row by row. The coefficients that result are differences from beta.

    Parameters
    ----------
    fit : LmerFit
        A fit with one grouping factor.
    """

    def __init__(self, fit: LmerFit) -> None:
        problem = fit.model.problem
        assert isinstance(problem, OneFactorProblem)
        self.fit = fit
        self.problem = problem
        qr = problem.rows.qr
        n, q = qr.Q.shape
        columns = (qr.codes * q)[:, None] + np.arange(q)
        indicator = sp.csr_array(
            (qr.Q.ravel(), columns.ravel(), np.arange(0, n * q + 1, q)),
            shape=(n, q * qr.n_groups),
        )
        self.to_groups = sp.csr_array(indicator.T)

    def __call__(self, responses: Responses) -> Moments:
        """Moments of a batch."""
        coordinates, problem, rows = self.fit.model.coordinates, self.problem, self.problem.rows
        qr = rows.qr
        scale = coordinates.scale
        e = np.ascontiguousarray(coordinates.weigh(responses.errors) / scale)
        q, J, B = qr.F.shape[0], qr.n_groups, e.shape[1]
        fe = (self.to_groups @ e).reshape(J, q, B).transpose(1, 2, 0)
        fe = np.ascontiguousarray(fe)
        fy = fe
        if responses.effects:
            b = problem.on_columns(responses.effects[0].transpose(1, 2, 0) / scale)
            fy = fe + stacked.multiply(qr.F[:, :, None], b[:, None])[:, 0]
        return Moments(
            F=qr.F[:, :, None],
            fX=rows.fX[:, :, None],
            fy=fy,
            WXX=rows.WXX[:, :, None],
            WXy=rows.X_within.T @ e,
            Wyy=np.einsum("nb,nb->b", e, e) - np.einsum("qbj,qbj->b", fe, fe),
            n=np.full(B, float(len(e))),
        )


class RowMoments:
    """Moments of data sets whose rows were drawn within clusters drawn.

    Every drawn cluster is a group of its own.

    Parameters
    ----------
    fit : LmerFit
        A fit with one grouping factor.
    """

    def __init__(self, fit: LmerFit) -> None:
        problem = fit.model.problem
        assert isinstance(problem, OneFactorProblem)
        self.Z = problem.Z
        self.columns = np.column_stack([problem.Q, problem.y])

    def __call__(self, resamples: Resamples) -> Moments:
        """Moments of a batch."""
        assert resamples.rows is not None
        B, J = resamples.clusters.shape
        sizes = np.array([[len(r) for r in drawn] for drawn in resamples.rows])
        rows = np.concatenate([r for drawn in resamples.rows for r in drawn])
        qr = group_qr(self.Z[rows], np.repeat(np.arange(B * J), sizes.ravel()), B * J)
        columns = self.columns[rows]
        coordinates = qr.coordinates(columns)
        left = qr.residual(columns, coordinates)
        n = sizes.sum(axis=1)
        starts = np.cumsum(n) - n
        k = columns.shape[1]
        within = np.empty((k, k, B))
        for a in range(k):
            for b in range(a + 1):
                sums = np.add.reduceat(left[:, a] * left[:, b], starts)
                within[a, b] = within[b, a] = sums
        coordinates = coordinates.reshape(-1, k, B, J)
        return Moments(
            F=qr.F.reshape(*qr.F.shape[:2], B, J),
            fX=coordinates[:, :-1],
            fy=coordinates[:, -1],
            WXX=within[:-1, :-1],
            WXy=within[:-1, -1],
            Wyy=within[-1, -1],
            n=n.astype(float),
        )
