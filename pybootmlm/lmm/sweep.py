r"""Eliminating crossed or nested random effects, one grouping factor after the other.

T is the cross-product matrix of [Z_1 Z_2 ... X y]. Eliminating the random effects of the
leading factor, with P = Lambda (Lambda' T_11 Lambda + I)^-1 Lambda',

    T_rr <- T_rr - T_r1 P T_1r,

leaves the cross-products of the rest in the metric of V_1^-1, where V_1 = I + Z_1 S_1 Z_1': the
same problem with one factor fewer. As long as T_11 is block-diagonal (always for the first
factor, and for every factor that the ones before are nested in) this takes the blocks one by
one and stays sparse; otherwise all remaining factors are eliminated together as one dense block.

Going back, the derivative of the criterion by T is carried from the end to the start (reverse
accumulation). It gives the derivatives by every S, and, for log|V| alone, the elements of
Lambda Omega^-1 Lambda' on the pattern of T.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular

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

    def back(self, adjoint: Adjoint) -> tuple[Array, Adjoint]:
        """Derivatives by S_1, summed over levels (q, q), and by T."""
        q = self.Y.shape[0]
        P, rr = self.P, adjoint.ZZ
        to_rest = _on_pattern(self.T1r, self.T1r @ rr) + _product_on_pattern(
            self.T1r, self.T1t, adjoint.Zt
        )
        to_tail = self.T1r @ adjoint.Zt + self.T1t @ adjoint.tt
        P_bar = np.empty_like(P)
        for a in range(q):
            for b in range(a, q):
                along_rest = _row_dots(self.T1r[b::q], to_rest[a::q])
                along_tail = (self.T1t[b::q] * to_tail[a::q]).sum(axis=1)
                P_bar[a, b] = P_bar[b, a] = -(along_rest + along_tail)
        W = -stacked.multiply(P, self.T11)
        W[np.arange(q), np.arange(q)] += 1.0
        S_bar = stacked.multiply(self.T11, W)
        S_bar += stacked.gram(W, stacked.multiply(P_bar, W))
        T11_bar = P - stacked.multiply(P, stacked.multiply(P_bar, P))
        spread = _block_diagonal(P)
        T1r_bar = sp.csr_array(-(spread @ to_rest))
        T1t_bar = -(spread @ to_tail)
        whole = sp.block_array(
            [[_block_diagonal(T11_bar), T1r_bar], [T1r_bar.T, sp.csr_array(rr)]], format="csr"
        )
        tail = np.vstack([T1t_bar, adjoint.Zt])
        return S_bar.sum(axis=-1), Adjoint(whole, tail, adjoint.tt)


@dataclass(frozen=True)
class DenseStage:
    """All remaining factors eliminated together.

    Attributes
    ----------
    T, Tt : (m, m), (m, p + 1) arrays
    Lambda : (m, m) CSR array
    factor : pair
        Cholesky factor of A = Lambda'T Lambda + I, as `scipy.linalg.cho_factor` returns it.
    """

    T: Array
    Tt: Array
    Lambda: sp.csr_array
    factor: tuple[Array, bool]
    log_det: float

    def effects(self, right: Array) -> tuple[Array, Array]:
        """u = A^-1 Lambda' right and b = Lambda u for `right` (m, c)."""
        u = cho_solve(self.factor, self.Lambda.T @ right)
        return u, self.Lambda @ u

    def back(self, adjoint_tt: Array, shapes: list[tuple[int, int]]) -> tuple[list[Array], Adjoint]:
        """Derivatives by each factor's S (q, q), summed over levels, and by T."""
        P = self.Lambda @ cho_solve(self.factor, self.Lambda.T.toarray())
        half = solve_triangular(
            self.factor[0], self.Lambda.T @ self.T, lower=self.factor[1], check_finite=False
        )
        PTt = P @ self.Tt
        W_Tt = self.Tt - self.T @ PTt
        S_bars, at = [], 0
        for q, levels in shapes:
            rows = slice(at, at + q * levels)
            at += q * levels
            T_blocks = _diagonal_blocks(self.T[rows, rows], q)
            h = half[:, rows].reshape(-1, levels, q)
            t = W_Tt[rows].reshape(levels, q, -1)
            S_bar = T_blocks.sum(axis=0) - np.einsum("mja,mjb->ab", h, h)
            S_bar -= np.einsum("jax,xy,jby->ab", t, adjoint_tt, t)
            S_bars.append(S_bar)
        return S_bars, Adjoint(P + PTt @ adjoint_tt @ PTt.T, -PTt @ adjoint_tt, adjoint_tt)


@dataclass(frozen=True)
class Sweep:
    """All factors eliminated.

    Attributes
    ----------
    blocks : tuple of BlockStage
    dense : DenseStage or None
    tt : (p + 1, p + 1) array
        [X y]'V^-1[X y].
    log_det_V : float
    """

    blocks: tuple[BlockStage, ...]
    dense: DenseStage | None
    tt: Array
    log_det_V: float


def eliminate(start: Reduced, Lambdas: list[Array], levels: list[int]) -> Sweep:
    """Eliminate factors with templates `Lambdas` (q, q) and so many `levels`, in this order."""
    state = start
    stages: list[BlockStage] = []
    for f, (Lambda, J) in enumerate(zip(Lambdas, levels, strict=True)):
        q = Lambda.shape[0]
        blocks = _leading_blocks(state.ZZ, q, J)
        if blocks is None:
            dense, tt = _dense_stage(state, Lambdas[f:], levels[f:])
            log_det = sum(stage.log_det for stage in stages) + dense.log_det
            return Sweep(tuple(stages), dense, tt, log_det)
        stage, state = _block_stage(state, blocks, Lambda)
        stages.append(stage)
    return Sweep(tuple(stages), None, state.tt, sum(stage.log_det for stage in stages))


def differentiate(
    sweep: Sweep, adjoint_tt: Array, sizes: list[int], levels: list[int]
) -> tuple[list[Array], Adjoint]:
    """Derivatives of log|V| + tr(adjoint_tt [X y]'V^-1[X y]) by each S (q, q) and by T."""
    S_bars: list[Array] = []
    done = len(sweep.blocks)
    if sweep.dense is not None:
        shapes = list(zip(sizes[done:], levels[done:], strict=True))
        S_bars, adjoint = sweep.dense.back(adjoint_tt, shapes)
    else:
        none = np.zeros((0, adjoint_tt.shape[0]))
        adjoint = Adjoint(sp.csr_array((0, 0)), none, adjoint_tt)
    for stage in reversed(sweep.blocks):
        S_bar, adjoint = stage.back(adjoint)
        S_bars.insert(0, S_bar)
    return S_bars, adjoint


def solve(sweep: Sweep, right: Array) -> tuple[Array, Array]:
    """u = Omega^-1 Lambda' right and b = Lambda u, in the order of T, for `right` (m,) or (m, c).

    With right = Z'(y - X beta) these are the conditional modes of the random effects.
    """
    columns = right[:, None] if right.ndim == 1 else right
    parts = []
    for stage in sweep.blocks:
        m = stage.T1t.shape[0]
        own, columns = columns[:m], columns[m:]
        columns = columns - stage.T1r.T @ stage.effects(own)[1]
        parts.append(own)
    us: list[Array] = []
    later = np.zeros((0, columns.shape[1]))
    if sweep.dense is not None:
        u, later = sweep.dense.effects(columns)
        us = [u]
    for stage, own in zip(reversed(sweep.blocks), reversed(parts), strict=True):
        u, b = stage.effects(own - stage.T1r @ later)
        us.insert(0, u)
        later = np.concatenate([b, later])
    shape = right.shape
    return np.concatenate(us).reshape(shape), later.reshape(shape)


def _block_stage(state: Reduced, T11: Array, Lambda: Array) -> tuple[BlockStage, Reduced]:
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


def _dense_stage(
    state: Reduced, Lambdas: list[Array], levels: list[int]
) -> tuple[DenseStage, Array]:
    T = state.ZZ.toarray()
    Lambda = sp.csr_array(
        sp.block_diag(
            [sp.kron(sp.eye_array(J), L) for L, J in zip(Lambdas, levels, strict=True)],
            format="csr",
        )
    )
    A = Lambda.T @ (Lambda.T @ T).T
    A[np.diag_indices_from(A)] += 1.0
    factor = cho_factor(A, lower=True, check_finite=False)
    log_det = float(2 * np.log(np.diag(factor[0])).sum())
    stage = DenseStage(T, state.Zt, Lambda, factor, log_det)
    _, first = stage.effects(state.Zt)
    return stage, state.tt - state.Zt.T @ first


def _leading_blocks(ZZ: sp.csr_array, q: int, levels: int) -> Array | None:
    """Diagonal blocks (q, q, J) of the leading factor, or None where it has others."""
    m = q * levels
    corner = sp.coo_array(ZZ[:m, :m])
    row, column = corner.coords
    if (row // q != column // q).any():
        return None
    out = np.zeros((q, q, levels))
    np.add.at(out, (row % q, column % q, row // q), corner.data)
    return out


def _block_diagonal(blocks: Array) -> sp.bsr_array:
    levels = blocks.shape[2]
    data = np.ascontiguousarray(np.moveaxis(blocks, -1, 0))
    return sp.bsr_array((data, np.arange(levels), np.arange(levels + 1)))


def _diagonal_blocks(matrix: Array, q: int) -> Array:
    levels = matrix.shape[0] // q
    each = np.arange(levels)
    view = matrix.reshape(levels, q, levels, q)
    return view[each, :, each, :]


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
