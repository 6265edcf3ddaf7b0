"""Several grouping factors eliminated together, as one dense block.

See `pybootmlm.lmm.sweep` for the recursion that this can end.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from pybootmlm.lmm.block_stage import Adjoint, Reduced

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lambdas:
    """Lambda of several factors: each template repeated for every level of its factor.

    Attributes
    ----------
    templates : tuple of (q, q) arrays
    levels : tuple of int
    """

    templates: tuple[Array, ...]
    levels: tuple[int, ...]

    def times(self, right: Array) -> Array:
        """Lambda right, for `right` (m, c)."""
        return self._each(list(self.templates), right)

    def transposed_times(self, right: Array) -> Array:
        """Lambda' right, for `right` (m, c)."""
        return self._each([template.T for template in self.templates], right)

    def rows(self) -> list[slice]:
        """Rows of each factor."""
        sizes = [len(L) * J for L, J in zip(self.templates, self.levels, strict=True)]
        ends = np.cumsum(sizes)
        return [slice(int(end) - size, int(end)) for size, end in zip(sizes, ends, strict=True)]

    def _each(self, templates: list[Array], right: Array) -> Array:
        out = np.empty_like(right)
        for L, J, rows in zip(templates, self.levels, self.rows(), strict=True):
            part = right[rows].reshape(J, len(L), -1)
            out[rows] = (L[0, 0] * part if len(L) == 1 else L @ part).reshape(J * len(L), -1)
        return out


@dataclass(frozen=True)
class DenseStage:
    """All remaining factors eliminated.

    Attributes
    ----------
    T, Tt : (m, m), (m, p + 1) arrays
    Lambda : Lambdas
    factor : pair
        Cholesky factor of A = Lambda'T Lambda + I, as `scipy.linalg.cho_factor` returns it.
    LT : (m, m) array
        Lambda'T.
    log_det : float
        log|A|.
    """

    T: Array
    Tt: Array
    Lambda: Lambdas
    factor: tuple[Array, bool]
    LT: Array
    log_det: float

    def effects(self, right: Array) -> tuple[Array, Array]:
        """u = A^-1 Lambda' right and b = Lambda u for `right` (m, c)."""
        solved = cho_solve(self.factor, self.Lambda.transposed_times(right), check_finite=False)
        u: Array = np.asarray(solved)
        return u, self.Lambda.times(u)

    def by_S(self, adjoint_tt: Array) -> list[Array]:
        """Derivatives by the S (q, q) of each factor, summed over its levels.

        With M = T - T P T the derivative of log|A|, and the tail's by W'Tt, W = I - PT.
        """
        half = solve_triangular(self.factor[0], self.LT, lower=True, check_finite=False)
        W_Tt = self.Tt - self.T @ self.effects(self.Tt)[1]
        out = []
        for template, J, rows in zip(
            self.Lambda.templates, self.Lambda.levels, self.Lambda.rows(), strict=True
        ):
            q = len(template)
            h = half[:, rows].reshape(-1, J, q)
            t = W_Tt[rows].reshape(J, q, -1)
            blocks = self.T[rows, rows].reshape(J, q, J, q)[np.arange(J), :, np.arange(J)]
            by_S = blocks.sum(axis=0) - np.einsum("mja,mjb->ab", h, h)
            out.append(by_S - np.einsum("jax,xy,jby->ab", t, adjoint_tt, t))
        return out

    def by_T(self, adjoint_tt: Array) -> Adjoint:
        """Derivatives by T: P + P Tt G Tt' P, and -P Tt G for the tail's half."""
        identity = np.eye(len(self.T))
        P = self.effects(identity)[1]
        PTt = P @ self.Tt
        return Adjoint(P + PTt @ adjoint_tt @ PTt.T, -PTt @ adjoint_tt, adjoint_tt)


def dense_stage(
    state: Reduced, templates: list[Array], levels: list[int]
) -> tuple[DenseStage, Array]:
    """Eliminate factors together; also the tail's cross-products (p + 1, p + 1) that are left."""
    T = state.ZZ.toarray()
    Lambda = Lambdas(tuple(templates), tuple(levels))
    LT = Lambda.transposed_times(T)
    A = Lambda.transposed_times(LT.T)
    A[np.diag_indices_from(A)] += 1.0
    factor = cho_factor(A, lower=True, overwrite_a=True, check_finite=False)
    log_det = float(2 * np.log(np.diag(factor[0])).sum())
    stage = DenseStage(T, state.Zt, Lambda, factor, LT, log_det)
    return stage, state.tt - state.Zt.T @ stage.effects(state.Zt)[1]
