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

from pybootmlm.lmm.memory import check_dense
from pybootmlm.lmm.several_factors.block_stage import (
    Adjoint,
    BlockStage,
    Reduced,
    block_stage,
    leading_blocks,
)
from pybootmlm.lmm.several_factors.dense_stage import DenseStage, dense_stage

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


def begin(ZZ: sp.csr_array, Zt: Array, tt: Array, sizes: list[int], levels: list[int]) -> Reduced:
    """Cross-products of factors with so many effects a level and `levels`, ready to be eliminated.

    What the first elimination needs of them whatever Lambda is found out here.
    """
    if ZZ.shape[0] <= DENSE_UP_TO:
        return Reduced(ZZ, Zt, tt)
    m = sizes[0] * levels[0]
    shared = sp.coo_array(ZZ[:m, m : m + sizes[1] * levels[1]])
    inner, outer = shared.coords[0] // sizes[0], shared.coords[1] // sizes[1]
    # Nested: no level of the first factor meets two levels of the second.
    nested = len(np.unique(inner * np.int64(levels[1]) + outer)) == len(np.unique(inner))
    if not nested:
        check_dense(ZZ.shape[0] - m)
    return Reduced(ZZ, Zt, tt, leading_blocks(ZZ, sizes[0], levels[0], dense_rest=not nested))


def eliminate(start: Reduced, Lambdas: list[Array], levels: list[int]) -> Sweep:
    """Eliminate factors with templates `Lambdas` (q, q) and so many `levels`, in this order."""
    state = start
    stages: list[BlockStage] = []
    for f, (Lambda, J) in enumerate(zip(Lambdas, levels, strict=True)):
        leading = start.leading
        if f:
            ZZ = state.ZZ
            leading = None
            if not isinstance(ZZ, np.ndarray):
                leading = leading_blocks(ZZ, len(Lambda), J, dense_rest=False)
        if leading is None:
            last, tt = dense_stage(state, Lambdas[f:], levels[f:])
            log_det = sum(stage.log_det for stage in stages) + last.log_det
            return Sweep(tuple(stages), last, tt, log_det)
        stage, state = block_stage(state, leading, Lambda)
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
