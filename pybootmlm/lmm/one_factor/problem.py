"""Models with one grouping factor."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.anatomy import Anatomy, anatomy
from pybootmlm.lmm.covariance import Covariance, FactorCovariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.one_factor.block_criterion import block_profile, evaluate
from pybootmlm.lmm.one_factor.moments import GroupedRows, Moments, group_rows
from pybootmlm.lmm.problem import State

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OneFactorProblem:
    """A `Problem` whose groups are independent.

    Attributes
    ----------
    covariance : FactorCovariance
    Z : (n, q) array
        Weighted rows, their columns whitened by T.
    T : (q, q) array
        Effects on the data's Z are T times those on the whitened columns.
    rows : GroupedRows
    Q : (n, p) array
        Orthonormal basis of the weighted X.
    y : (n,) array
        Standardised response.
    """

    covariance: FactorCovariance
    Z: Array
    T: Array
    rows: GroupedRows
    Q: Array
    y: Array

    @cached_property
    def moments(self) -> Moments:
        """Sufficient statistics of the response."""
        return self.rows.moments(self.y)

    def with_covariance(self, covariance: Covariance) -> "OneFactorProblem":
        """The same rows, with S from other parameters."""
        return replace(self, covariance=covariance.factors[0])

    def evaluate(self, theta: Array, reml: bool, order: int) -> Evaluation:
        """Criterion, gradient and Hessian, all exact, at `theta` (B, T)."""
        return evaluate(self.moments, self.covariance, theta, reml, order)

    def anatomy(self, theta: Array, order: int) -> Anatomy:
        """log|V| and r2, and their exact derivatives, at `theta` (B, T)."""
        return anatomy(self.moments, self.covariance, theta, order)

    def on_columns(self, b: Array) -> Array:
        """Effects (q, ...) on the data's Z as effects on the whitened columns."""
        return np.asarray(np.linalg.solve(self.T, b.reshape(len(b), -1)).reshape(b.shape))

    @property
    def dear(self) -> None:
        """Exact Hessians cost little here."""
        return

    def state(self, theta: Array) -> State:
        """Estimates at `theta` (T,)."""
        Lambda = self.covariance.Lambda(theta[:, None])
        profile = block_profile(self.moments, Lambda)
        e = stacked.gram(profile.G, profile.h_residual[:, None])[:, 0, 0]
        L = Lambda[..., 0]
        u = L.T @ e
        return State(profile.tail, float(profile.log_det_V[0]), (u.T,), ((self.T @ (L @ u)).T,))

    def hat_random(self, theta: Array) -> Array:
        """Diagonal of Z Lambda A^-1 Lambda' Z' (n,)."""
        Lambda = self.covariance.Lambda(theta[:, None])
        right = (self.Z @ Lambda[..., 0]).T
        codes = self.rows.qr.codes
        half = stacked.solve_lower(self._cholesky_A(theta)[..., codes], right[:, None])[:, 0]
        hat: Array = (half**2).sum(axis=0)
        return hat

    def effect_covariances(self, theta: Array) -> tuple[Array, ...]:
        """Lambda A_j^-1 Lambda' of each level (J, q, q)."""
        Lambda = self.covariance.Lambda(theta[:, None])
        Lambda = self.T @ Lambda[..., 0]
        transposed = np.broadcast_to(Lambda.T[..., None], self.rows.qr.F.shape)
        half = stacked.solve_lower(self._cholesky_A(theta), transposed)
        return (np.ascontiguousarray(np.moveaxis(stacked.gram(half, half), -1, 0)),)

    def effects_of(self, theta: Array, rows: Array) -> tuple[Array, ...]:
        """S F_j' B_j^-1 Q_j' rows of each level (J, q, c)."""
        Lambda = self.covariance.Lambda(theta[:, None])
        L = self._cholesky_B(theta)
        coordinates = self.rows.qr.coordinates(rows)
        shrunk = stacked.solve_lower_transposed(L, stacked.solve_lower(L, coordinates))
        S = self.T @ (Lambda[..., 0] @ Lambda[..., 0].T)
        found = stacked.multiply(S[..., None], stacked.gram(self.rows.qr.F, shrunk))
        return (np.ascontiguousarray(np.moveaxis(found, -1, 0)),)

    def effect_variances(
        self, theta: Array, codes: tuple[NDArray[np.intp], ...], Z: tuple[Array, ...]
    ) -> Array:
        """z' Lambda A_j^-1 Lambda' z (m,)."""
        blocks = self.effect_covariances(theta)[0]
        own = np.where(codes[0] < 0, 0.0, 1.0)[:, None] * Z[0]
        return np.asarray(np.einsum("ma,mab,mb->m", own, blocks[codes[0]], own))

    def hessian(self, theta: Array, reml: bool) -> Array:
        """Exact Hessian (T, T)."""
        found = self.evaluate(theta[None], reml, 2).hessian
        assert found is not None
        return np.asarray(found[0])

    def v_inverse(self, theta: Array, rows: Array) -> Array:
        """V^-1 rows (n, c): what Q_j leaves, and B_j^-1 on its coordinates."""
        qr = self.rows.qr
        L = self._cholesky_B(theta)
        coordinates = qr.coordinates(rows)
        shrunk = stacked.solve_lower_transposed(L, stacked.solve_lower(L, coordinates))
        back: Array = np.einsum("na,acn->nc", qr.Q, shrunk[:, :, qr.codes])
        return qr.residual(rows, coordinates) + back

    def own_v_inverse_Z(self, theta: Array, factor: int) -> Array:  # noqa: ARG002 (there is one)
        """Rows of V^-1 Z at the row's own level (n, q)."""
        qr = self.rows.qr
        L = self._cholesky_B(theta)
        shrunk = stacked.solve_lower_transposed(L, stacked.solve_lower(L, qr.F))
        found: Array = np.einsum("na,abn->nb", qr.Q, shrunk[:, :, qr.codes])
        return np.asarray(np.linalg.solve(self.T.T, found.T).T)

    def _cholesky_A(self, theta: Array) -> Array:
        root = stacked.multiply(self.rows.qr.F, self.covariance.Lambda(theta[:, None]))
        return stacked.root_above_identity(root.swapaxes(0, 1))

    def _cholesky_B(self, theta: Array) -> Array:
        root = stacked.multiply(self.rows.qr.F, self.covariance.Lambda(theta[:, None]))
        return stacked.root_above_identity(root)


def one_factor(
    covariance: FactorCovariance,
    Z: Array,
    codes: NDArray[np.intp],
    levels: int,
    Q: Array,
    y: Array,
    T: Array,
) -> OneFactorProblem:
    """Take the moments of the factor's weighted rows `Z` (n, q), whitened by T, of Q and of y."""
    return OneFactorProblem(covariance, Z, T, group_rows(Z, codes, levels, Q), Q, y)
