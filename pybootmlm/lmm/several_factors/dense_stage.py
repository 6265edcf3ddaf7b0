"""Several grouping factors eliminated together, as one dense block.

See `pybootmlm.lmm.several_factors.sweep` for the recursion that this can end.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack, solve_triangular

from pybootmlm.lmm.several_factors.block_stage import Adjoint, Reduced

Array = NDArray[np.float64]

# Condition of a template beyond which the trace is not taken through its inverse.
WELL_CONDITIONED = 1e5
# Columns that are copied to the other triangle at a time.
COLUMNS = 128


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
        for L, rows in zip(templates, self.rows(), strict=True):
            q = len(L)
            part, into = right[rows], out[rows]
            for a in range(q):
                np.multiply(part[::q], L[a, 0], out=into[a::q])
                for b in np.flatnonzero(L[a, 1:]) + 1:
                    into[a::q] += L[a, b] * part[b::q]
        return out


@dataclass(frozen=True)
class DenseStage:
    """All remaining factors eliminated.

    Attributes
    ----------
    T, Tt : (m, m), (m, p + 1) arrays
    Lambda : Lambdas
    L : (m, m) array
        Its lower triangle is the Cholesky factor of A = Lambda'T Lambda + I.
    LT : (m, m) array
        Lambda'T.
    log_det : float
        log|A|.
    """

    T: Array
    Tt: Array
    Lambda: Lambdas
    L: Array
    LT: Array
    log_det: float

    @cached_property
    def A_inverse(self) -> Array:
        """A^-1 (m, m)."""
        inverse, _ = lapack.dpotri(self.L, lower=1)
        _mirror(inverse)
        return np.asarray(inverse)

    def effects(self, right: Array) -> tuple[Array, Array]:
        """u = A^-1 Lambda' right and b = Lambda u for `right` (m, c)."""
        right = self.Lambda.transposed_times(right)
        u: Array = np.asarray(cho_solve((self.L, True), right, check_finite=False))
        return u, self.Lambda.times(u)

    def by_S(self, adjoint_tt: Array) -> list[Array]:
        """Derivatives by the S (q, q) of each factor, summed over its levels.

        With M = T - T P T the derivative of log|A|, and the tail's by W'Tt, W = I - PT.
        """
        W_Tt = self.Tt - self.T @ self.effects(self.Tt)[1]
        out = []
        for template, J, rows in zip(
            self.Lambda.templates, self.Lambda.levels, self.Lambda.rows(), strict=True
        ):
            q = len(template)
            t = W_Tt[rows].reshape(J, q, -1)
            by_S = self._M(template, rows, J)
            out.append(by_S - np.einsum("jax,xy,jby->ab", t, adjoint_tt, t))
        return out

    def _M(self, template: Array, rows: slice, J: int) -> Array:
        """Sum of the diagonal blocks of M over a factor's levels (q, q).

        M Lambda = T Lambda A^-1, whose diagonal takes no product of matrices.
        """
        q = len(template)
        if np.isfinite(template).all() and np.linalg.cond(template) < WELL_CONDITIONED:
            # Stored by columns: transposed, they are read in order.
            one, other = self.LT[:, rows].T, self.A_inverse[:, rows].T
            ML = [
                [np.einsum("ij,ij->", one[a::q], other[b::q]) for b in range(q)] for a in range(q)
            ]
            M = np.asarray(np.linalg.solve(template.T, np.array(ML).T).T, dtype=np.float64)
            return (M + M.T) / 2
        half = solve_triangular(self.L, self.LT[:, rows], lower=True, check_finite=False)
        h = half.reshape(-1, J, q)
        blocks = self.T[rows, rows].reshape(J, q, J, q)[np.arange(J), :, np.arange(J)]
        return np.asarray(blocks.sum(axis=0) - np.einsum("mja,mjb->ab", h, h))

    def by_T(self, adjoint_tt: Array) -> Adjoint:
        """Derivatives by T: P + P Tt G Tt' P, and -P Tt G for the tail's half."""
        P = self.Lambda.times(self.Lambda.times(self.A_inverse).T)
        PTt = self.effects(self.Tt)[1]
        if adjoint_tt.any():
            P += PTt @ adjoint_tt @ PTt.T
        return Adjoint(P, -PTt @ adjoint_tt, adjoint_tt)


def dense_stage(
    state: Reduced, templates: list[Array], levels: list[int]
) -> tuple[DenseStage, Array]:
    """Eliminate factors together; also the tail's cross-products (p + 1, p + 1) that are left."""
    T = state.ZZ if isinstance(state.ZZ, np.ndarray) else state.ZZ.toarray(order="F")
    _mirror(T)
    Lambda = Lambdas(tuple(templates), tuple(levels))
    LT = Lambda.transposed_times(T)
    A = np.asfortranarray(Lambda.transposed_times(LT.T))
    A[np.diag_indices_from(A)] += 1.0
    L, failed = lapack.dpotrf(A, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the random effects' system is not positive definite")
    log_det = float(2 * np.log(np.diag(L)).sum())
    stage = DenseStage(T, state.Zt, Lambda, L, LT, log_det)
    return stage, state.tt - state.Zt.T @ stage.effects(state.Zt)[1]


def _mirror(A: Array) -> None:
    """Copy the lower triangle of A to the upper one."""
    for first in range(0, len(A), COLUMNS):
        stop = first + COLUMNS
        A[first:stop, stop:] = A[stop:, first:stop].T
        corner = A[first:stop, first:stop]
        corner[...] = np.tril(corner) + np.tril(corner, -1).T
