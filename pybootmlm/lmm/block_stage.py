"""One grouping factor eliminated level by level; its cross-products stay sparse.

See `pybootmlm.lmm.sweep` for the recursion that this is a step of.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.linalg import stacked

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reduced:
    """Cross-products of the random effects not yet eliminated, and of the tail [X y].

    Attributes
    ----------
    ZZ : (m, m) CSR array
    Zt : (m, p + 1) array
    tt : (p + 1, p + 1) array
    """

    ZZ: sp.csr_array
    Zt: Array
    tt: Array


@dataclass(frozen=True)
class Adjoint:
    """Derivative of the criterion by the elements of a `Reduced` (symmetric: by both halves).

    Attributes
    ----------
    ZZ : (m, m) CSR or dense array, correct on the pattern of `Reduced.ZZ`
    Zt : (m, p + 1) array
    tt : (p + 1, p + 1) array
    """

    ZZ: sp.csr_array | Array
    Zt: Array
    tt: Array


@dataclass(frozen=True)
class BlockStage:
    """One factor eliminated level by level.

    Attributes
    ----------
    T11 : (q, q, J) array
        Diagonal blocks, matrix axes first.
    T1r, T1t : (Jq, m) CSR, (Jq, p + 1) arrays
    L, Y : (q, q, J) arrays
        Cholesky factors of A_j, and L_j^-1 Lambda', half of P_j = Y_j'Y_j.
    """

    T11: Array
    T1r: sp.csr_array
    T1t: Array
    L: Array
    Y: Array
    log_det: float

    @property
    def P(self) -> Array:
        """Blocks of Lambda A^-1 Lambda' (q, q, J)."""
        return stacked.gram(self.Y, self.Y)

    def effects(self, right: Array) -> tuple[Array, Array]:
        """u = A^-1 Lambda' right and b = Lambda u for `right` (Jq, c)."""
        q, c = self.Y.shape[0], right.shape[1]
        half = stacked.multiply(self.Y, right.reshape(-1, q, c).transpose(1, 2, 0))
        u = stacked.solve_lower_transposed(self.L, half)
        b = stacked.gram(self.Y, half)
        return u.transpose(2, 0, 1).reshape(-1, c), b.transpose(2, 0, 1).reshape(-1, c)

    def back(self, adjoint: Adjoint) -> "Back":
        """Carry the derivative by what this stage left to what it was given."""
        q = self.Y.shape[0]
        rr = adjoint.ZZ
        to_rest = _on_pattern(self.T1r, self.T1r @ rr) + _product_on_pattern(
            self.T1r, self.T1t, adjoint.Zt
        )
        to_tail = self.T1r @ adjoint.Zt + self.T1t @ adjoint.tt
        P_bar = np.empty_like(self.T11)
        for a in range(q):
            for b in range(a, q):
                along_rest = _row_dots(self.T1r[b::q], to_rest[a::q])
                along_tail = (self.T1t[b::q] * to_tail[a::q]).sum(axis=1)
                P_bar[a, b] = P_bar[b, a] = -(along_rest + along_tail)
        return Back(self, adjoint, to_rest, to_tail, P_bar)


@dataclass(frozen=True)
class Back:
    """The way back through a `BlockStage`.

    Attributes
    ----------
    stage : BlockStage
    adjoint : Adjoint
        Derivative by what the stage left.
    to_rest, to_tail : (Jq, m) CSR, (Jq, p + 1) arrays
        T_1 times it.
    P_bar : (q, q, J) array
        Derivative by P.
    """

    stage: BlockStage
    adjoint: Adjoint
    to_rest: sp.csr_array
    to_tail: Array
    P_bar: Array

    @property
    def by_S(self) -> Array:
        """Derivative by S (q, q), summed over the levels."""
        T11, P = self.stage.T11, self.stage.P
        W = -stacked.multiply(P, T11)
        W[np.arange(len(W)), np.arange(len(W))] += 1.0
        by_level = stacked.multiply(T11, W)
        by_level += stacked.gram(W, stacked.multiply(self.P_bar, W))
        total: Array = by_level.sum(axis=-1)
        return total

    def by_T(self) -> Adjoint:
        """Derivative by what the stage was given."""
        P = self.stage.P
        T11_bar = P - stacked.multiply(P, stacked.multiply(self.P_bar, P))
        spread = _block_diagonal(P)
        T1r_bar = sp.csr_array(-(spread @ self.to_rest))
        rest = sp.csr_array(self.adjoint.ZZ)
        whole = sp.block_array(
            [[_block_diagonal(T11_bar), T1r_bar], [T1r_bar.T, rest]], format="csr"
        )
        tail = np.vstack([-(spread @ self.to_tail), self.adjoint.Zt])
        return Adjoint(whole, tail, self.adjoint.tt)


def block_stage(state: Reduced, T11: Array, Lambda: Array) -> tuple[BlockStage, Reduced]:
    """Eliminate the leading factor, whose diagonal blocks are `T11`; also what is left."""
    q, m = T11.shape[0], T11.shape[0] * T11.shape[2]
    L3 = Lambda[:, :, None]
    A = stacked.gram(L3, stacked.multiply(T11, L3))
    A[np.arange(q), np.arange(q)] += 1.0
    L = stacked.cholesky(A)
    Y = stacked.solve_lower(L, np.broadcast_to(L3.swapaxes(0, 1), T11.shape))
    T1r, T1t = state.ZZ[:m, m:], state.Zt[:m]
    stage = BlockStage(T11, T1r, T1t, L, Y, float(2 * stacked.log_diagonal(L).sum()))
    spread = _block_diagonal(stage.P)
    PT = spread @ T1t
    rest = Reduced(
        sp.csr_array(state.ZZ[m:, m:] - T1r.T @ (spread @ T1r)),
        state.Zt[m:] - T1r.T @ PT,
        state.tt - T1t.T @ PT,
    )
    return stage, rest


def _block_diagonal(blocks: Array) -> sp.bsr_array:
    levels = blocks.shape[2]
    data = np.ascontiguousarray(np.moveaxis(blocks, -1, 0))
    return sp.bsr_array((data, np.arange(levels), np.arange(levels + 1)))


def _row_dots(one: sp.csr_array, other: sp.csr_array) -> Array:
    return np.asarray(one.multiply(other).sum(axis=1)).ravel()


def _on_pattern(pattern: sp.csr_array, values: Any) -> sp.csr_array:
    ones = pattern.copy()
    ones.data = np.ones_like(ones.data)
    return sp.csr_array(ones.multiply(values))


def _product_on_pattern(pattern: sp.csr_array, left: Array, right: Array) -> sp.csr_array:
    """Elements of left @ right.T where `pattern` has elements; nothing else is computed."""
    rows, columns = sp.coo_array(pattern).coords
    values = np.einsum("ij,ij->i", left[rows], right[columns])
    return sp.csr_array((values, (rows, columns)), shape=pattern.shape)
