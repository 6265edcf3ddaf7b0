"""One grouping factor eliminated level by level; its cross-products stay sparse.

See `pybootmlm.lmm.several_factors.sweep` for the recursion that this is a step of.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.several_factors.border import (
    Border,
    SparseBorder,
    block_diagonal,
    completed,
    dense_border,
    on_pattern,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Leading:
    """A leading factor's place in the cross-products.

    Attributes
    ----------
    T11 : (q, q, J) array
        Diagonal blocks, matrix axes first.
    border : Border
        What it shares with the rest.
    T1r : (Jq, m) CSR array
    Trr : (m, m) CSR or dense array
        The rest; dense where the next stage is, then only the lower triangle counts.
    """

    T11: Array
    border: Border
    T1r: sp.csr_array
    Trr: sp.csr_array | Array


@dataclass(frozen=True)
class Reduced:
    """Cross-products of the random effects not yet eliminated, and of the tail [X y].

    Attributes
    ----------
    ZZ : (m, m) CSR or dense array
        Of a dense one the lower triangle counts.
    Zt : (m, p + 1) array
    tt : (p + 1, p + 1) array
    leading : Leading or None
        The leading factor taken out of ZZ, where it was done beforehand.
    """

    ZZ: sp.csr_array | Array
    Zt: Array
    tt: Array
    leading: Leading | None = None

    def with_tail(self, Zt: Array, tt: Array) -> "Reduced":
        """The same random effects with another tail."""
        return replace(self, Zt=Zt, tt=tt)


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
    leading : Leading
    T1t : (Jq, p + 1) array
    L, Y : (q, q, J) arrays
        Cholesky factors of A_j, and L_j^-1 Lambda', half of P_j = Y_j'Y_j.
    log_det : float
    """

    leading: Leading
    T1t: Array
    L: Array
    Y: Array
    log_det: float

    @property
    def T1r(self) -> sp.csr_array:
        """What the factor shares with the rest (Jq, m)."""
        return self.leading.T1r

    @cached_property
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
        return Back(self, adjoint)


@dataclass(frozen=True)
class Back:
    """The way back through a `BlockStage`.

    Attributes
    ----------
    stage : BlockStage
    adjoint : Adjoint
        Derivative by what the stage left.
    """

    stage: BlockStage
    adjoint: Adjoint

    @cached_property
    def P_bar(self) -> Array:
        """Derivative by P (q, q, J)."""
        T1t, adjoint = self.stage.T1t, self.adjoint
        q, _, J = self.stage.Y.shape
        along_rest = self.stage.leading.border.blocks(adjoint.ZZ)
        # The tail's part, from both its sides; with the rest, half of the sum of either order.
        mixed = (self.stage.T1r @ adjoint.Zt + T1t @ (adjoint.tt / 2)).reshape(J, q, -1)
        along_tail = np.einsum("jax,jbx->abj", mixed, T1t.reshape(J, q, -1))
        total: Array = -(along_rest + along_tail + along_tail.swapaxes(0, 1))
        return total

    @property
    def by_S(self) -> Array:
        """Derivative by S (q, q), summed over the levels."""
        T11, P = self.stage.leading.T11, self.stage.P
        W = -stacked.multiply(P, T11)
        W[np.arange(len(W)), np.arange(len(W))] += 1.0
        by_level = stacked.multiply(T11, W)
        by_level += stacked.gram(W, stacked.multiply(self.P_bar, W))
        total: Array = by_level.sum(axis=-1)
        return total

    def by_T(self) -> Adjoint:
        """Derivative by what the stage was given."""
        stage, adjoint = self.stage, self.adjoint
        P, T1r = stage.P, stage.T1r
        to_rest = on_pattern(T1r, T1r @ adjoint.ZZ) + _product_on_pattern(
            T1r, stage.T1t, adjoint.Zt
        )
        to_tail = T1r @ adjoint.Zt + stage.T1t @ adjoint.tt
        T11_bar = P - stacked.multiply(P, stacked.multiply(self.P_bar, P))
        spread = block_diagonal(P)
        T1r_bar = sp.csr_array(-(spread @ to_rest))
        rest = sp.csr_array(adjoint.ZZ)
        whole = sp.block_array(
            [[block_diagonal(T11_bar), T1r_bar], [T1r_bar.T, rest]], format="csr"
        )
        return Adjoint(whole, np.vstack([-(spread @ to_tail), adjoint.Zt]), adjoint.tt)


def leading_blocks(ZZ: sp.csr_array, q: int, levels: int, dense_rest: bool) -> Leading | None:
    """The leading factor of ZZ, or None where its levels are not separate."""
    m = q * levels
    corner = sp.coo_array(ZZ[:m, :m])
    row, column = corner.coords
    if (row // q != column // q).any():
        return None
    T11 = np.zeros((q, q, levels))
    np.add.at(T11, (row % q, column % q, row // q), corner.data)
    T1r, Trr = completed(sp.csr_array(ZZ[:m, m:]), q), sp.csr_array(ZZ[m:, m:])
    if dense_rest:
        return Leading(T11, dense_border(T1r, q), T1r, Trr.toarray(order="F"))
    return Leading(T11, SparseBorder(T1r, q), T1r, Trr)


def block_stage(state: Reduced, leading: Leading, Lambda: Array) -> tuple[BlockStage, Reduced]:
    """Eliminate the leading factor; also what is left."""
    T11, T1r = leading.T11, leading.T1r
    q, m = T11.shape[0], T1r.shape[0]
    L3 = Lambda[:, :, None]
    A = stacked.gram(L3, stacked.multiply(T11, L3))
    A[np.arange(q), np.arange(q)] += 1.0
    L = stacked.cholesky(A)
    Y = stacked.solve_lower(L, np.broadcast_to(L3.swapaxes(0, 1), T11.shape))
    T1t = state.Zt[:m]
    stage = BlockStage(leading, T1t, L, Y, float(2 * stacked.log_diagonal(L).sum()))
    PT = block_diagonal(stage.P) @ T1t
    ZZ = leading.Trr - leading.border.carried(stage.P)
    if not isinstance(ZZ, np.ndarray):
        ZZ = sp.csr_array(ZZ)
    return stage, Reduced(ZZ, state.Zt[m:] - T1r.T @ PT, state.tt - T1t.T @ PT)


def _product_on_pattern(pattern: sp.csr_array, left: Array, right: Array) -> sp.csr_array:
    """Elements of left @ right.T where `pattern` has elements; nothing else is computed."""
    rows, columns = sp.coo_array(pattern).coords
    values = np.einsum("ij,ij->i", left[rows], right[columns])
    return sp.csr_array((values, (rows, columns)), shape=pattern.shape)
