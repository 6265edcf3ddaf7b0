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

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.lmm.block_stage import Adjoint, BlockStage, Reduced, block_stage
from pybootmlm.lmm.dense_stage import DenseStage, dense_stage

Array = NDArray[np.float64]

# Random effects in all up to which sparse matrices cost more than they save.
DENSE_UP_TO = 100


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
        small = f == 0 and state.ZZ.shape[0] <= DENSE_UP_TO
        blocks = None if small else _leading_blocks(state.ZZ, q, J)
        if blocks is None:
            dense, tt = dense_stage(state, Lambdas[f:], levels[f:])
            log_det = sum(stage.log_det for stage in stages) + dense.log_det
            return Sweep(tuple(stages), dense, tt, log_det)
        stage, state = block_stage(state, blocks, Lambda)
        stages.append(stage)
    return Sweep(tuple(stages), None, state.tt, sum(stage.log_det for stage in stages))


def by_S(sweep: Sweep, adjoint_tt: Array) -> list[Array]:
    """Derivatives of log|V| + tr(adjoint_tt [X y]'V^-1[X y]) by each factor's S (q, q)."""
    if sweep.dense is None:
        found, adjoint = [], _nothing_left(adjoint_tt)
    else:
        found = sweep.dense.by_S(adjoint_tt)
        if not sweep.blocks:
            return found
        adjoint = sweep.dense.by_T(adjoint_tt)
    for k, stage in reversed(list(enumerate(sweep.blocks))):
        back = stage.back(adjoint)
        found.insert(0, back.by_S)
        if k:
            adjoint = back.by_T()
    return found


def selected_inverse(sweep: Sweep) -> sp.csr_array:
    """Elements of Lambda Omega^-1 Lambda' on the pattern of Z'Z: the derivative of log|V| by it."""
    no_tail = np.zeros_like(sweep.tt)
    adjoint = _nothing_left(no_tail) if sweep.dense is None else sweep.dense.by_T(no_tail)
    for stage in reversed(sweep.blocks):
        adjoint = stage.back(adjoint).by_T()
    return sp.csr_array(adjoint.ZZ)


def _nothing_left(adjoint_tt: Array) -> Adjoint:
    return Adjoint(sp.csr_array((0, 0)), np.zeros((0, len(adjoint_tt))), adjoint_tt)


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
