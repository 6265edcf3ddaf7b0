"""Sufficient statistics of resampled data, without forming the data where that can be avoided."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.moments import Moments
from pybootmlm.lmm.one_factor import OneFactorProblem
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
        self.rows = problem.rows
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
        coordinates, qr = self.fit.model.coordinates, self.rows.qr
        scale = coordinates.scale
        e = np.ascontiguousarray(coordinates.weigh(responses.errors) / scale)
        q, J, B = qr.F.shape[0], qr.n_groups, e.shape[1]
        fe = (self.to_groups @ e).reshape(J, q, B).transpose(1, 2, 0)
        fe = np.ascontiguousarray(fe)
        fy = fe
        if responses.effects:
            b = responses.effects[0].transpose(1, 2, 0) / scale
            fy = fe + stacked.multiply(qr.F[:, :, None], b[:, None])[:, 0]
        return Moments(
            F=qr.F[:, :, None],
            fX=self.rows.fX[:, :, None],
            fy=fy,
            WXX=self.rows.WXX[:, :, None],
            WXy=self.rows.X_within.T @ e,
            Wyy=np.einsum("nb,nb->b", e, e) - np.einsum("qbj,qbj->b", fe, fe),
            n=np.full(B, float(len(e))),
        )


class RowMoments:
    """Moments of data sets whose rows were drawn within clusters drawn.

    Every drawn cluster is a group of its own. Its thin QR factors come from the Cholesky factor of
    its cross-products.

    Parameters
    ----------
    fit : LmerFit
        A fit with one grouping factor.
    """

    def __init__(self, fit: LmerFit) -> None:
        problem = fit.model.problem
        assert isinstance(problem, OneFactorProblem)
        self.columns = np.column_stack([problem.Z, problem.Q, problem.y])
        self.q = problem.Z.shape[1]

    def __call__(self, resamples: Resamples) -> Moments:
        """Moments of a batch."""
        assert resamples.rows is not None
        q, k = self.q, self.columns.shape[1]
        B, J = resamples.clusters.shape
        sizes = np.array([[len(r) for r in drawn] for drawn in resamples.rows])
        starts = np.concatenate([[0], np.cumsum(sizes.ravel())[:-1]])
        drawn = self.columns[np.concatenate([r for rows in resamples.rows for r in rows])]
        cross = np.empty((k, k, B, J))
        for a in range(k):
            for b in range(a + 1):
                sums = np.add.reduceat(drawn[:, a] * drawn[:, b], starts).reshape(B, J)
                cross[a, b] = cross[b, a] = sums
        L, coordinates = _half(cross[:q, :q], cross[:q, q:])
        within = cross[q:, q:].sum(axis=-1)
        within -= np.einsum("iabj,icbj->acb", coordinates, coordinates)
        return Moments(
            F=L.swapaxes(0, 1),
            fX=coordinates[:, :-1],
            fy=coordinates[:, -1],
            WXX=within[:-1, :-1],
            WXy=within[:-1, -1],
            Wyy=within[-1, -1],
            n=sizes.sum(axis=1).astype(float),
        )


def _half(ZZ: Array, Zt: Array) -> tuple[Array, Array]:
    """L with LL' = Z'Z, and L^-1 Z't; dependent columns get zero rows."""
    q = len(ZZ)
    L, out = np.zeros_like(ZZ), np.zeros_like(Zt)
    for j in range(q):
        pivot = ZZ[j, j] - (L[j, :j] ** 2).sum(axis=0)
        independent = pivot > 1e-10 * ZZ[j, j]
        root = np.sqrt(np.where(independent, pivot, 1.0))
        for i in range(j, q):
            value = ZZ[i, j] - (L[i, :j] * L[j, :j]).sum(axis=0)
            L[i, j] = np.where(independent, value / root, 0.0)
        left = Zt[j] - np.einsum("ibj,icbj->cbj", L[j, :j], out[:j])
        out[j] = np.where(independent, left / root, 0.0)
    return L, out
