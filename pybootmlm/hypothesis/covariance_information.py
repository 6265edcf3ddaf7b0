r"""Expected information about variance components, and what the fixed effects owe to it.

In units of sigma^2, :math:`V = I + \sum_r c_r G_r` with c the elements of LambdaLambda' and
:math:`G_r = Z_f (I \otimes E_r) Z_f'`. Kenward and Roger (1997) need, G_0 = I,

    P_r = -X'V^-1 G_r V^-1 X,   Q_rs = X'V^-1 G_r V^-1 G_s V^-1 X,   K_rs = tr(G_r V^-1 G_s V^-1).

All of them are sums over pairs of levels of Z_j'V^-1 Z_k and Z_j'V^-1 X; those with G_0 follow from
V^-1 = V^-1 V V^-1. With one grouping factor a level meets only itself, so that memory and time are
linear in the rows; with several, every level meets every other, a few columns at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.exceptions import ModelError
from pybootmlm.lmm.rows import WeightedRows
from pybootmlm.lmm.templates.unstructured import lower_triangle

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Columns of V^-1 Z that are held at a time.
COLUMNS_AT_ONCE = 256


@dataclass(frozen=True)
class CovarianceInformation:
    """The matrices P, Q and K for all covariance parameters, the residual variance last.

    Attributes
    ----------
    P : (r, p, p) array
    Q : (r, r, p, p) array
    K : (r, r) array
    """

    P: Array
    Q: Array
    K: Array


class Component(NamedTuple):
    """One covariance parameter: the factor and the two columns of its Z that it belongs to."""

    factor: int
    pairs: tuple[tuple[int, int], ...]
    value: float


def covariance_information(fit: "LmerFit") -> CovarianceInformation:
    """P, Q and K at the estimates of a fit, in units of sigma^2."""
    rows = WeightedRows(fit)
    components = _components(fit)
    R, p = len(components), fit.beta.size
    trace = np.zeros(R)  # tr(G_r V^-1)
    P, Q, K = np.zeros((R + 1, p, p)), np.zeros((R + 1, R + 1, p, p)), np.zeros((R + 1, R + 1))
    N = [rows.by_level(f, rows.v_inverse_X) for f in range(len(fit.design.factors))]
    for r, one in enumerate(components):
        for a, b in one.pairs:
            P[r] += N[one.factor][:, a].T @ N[one.factor][:, b]
    blocks = _own_levels(rows) if len(N) == 1 else _pairs_of_levels(rows)
    for block in blocks:
        for s, right in enumerate(components):
            if right.factor != block.right:
                continue
            for r, left in enumerate(components):
                if left.factor == block.left:
                    K[r, s] += _trace(block, left, right)
                    Q[r, s] += _between(block, left, right, N)
            if block.left == block.right:
                trace[s] += sum(block.diagonal(a, b) for a, b in right.pairs)
    values = np.array([one.value for one in components])
    X = rows.v_inverse_X
    XX = X.T @ rows.fit.model.coordinates.weigh(fit.design.X)
    P[R] = XX - np.einsum("s,spq->pq", values, P[:R])
    K[:R, R] = K[R, :R] = trace - K[:R, :R] @ values
    K[R, R] = fit.nobs - values @ trace - values @ K[:R, R]
    Q[:R, R] = P[:R] - np.einsum("s,rspq->rpq", values, Q[:R, :R])
    Q[R, :R] = Q[:R, R].swapaxes(1, 2)
    Q[R, R] = P[R] - np.einsum("s,spq->pq", values, Q[:R, R])
    return CovarianceInformation(-P, Q, K)


def _components(fit: "LmerFit") -> list[Component]:
    """The covariance parameters in the order of theta."""
    found: list[Component] = []
    used = [0] * len(fit.design.factors)
    covariance = fit.labels.covariance
    for template, L, f in zip(
        covariance.templates,
        covariance.term_matrices(fit.theta),
        covariance.term_factor,
        strict=True,
    ):
        if template.name not in ("us", "diag") or template.homogeneous:
            kind = "homogeneous " if template.homogeneous else ""
            raise ModelError(
                "Kenward and Roger's adjustment is computed here for covariance matrices whose "
                f"elements are free parameters; a term has the {kind}structure "
                f'`{template.name}`. Use `ddf="satterthwaite"`, or a bootstrap.'
            )
        S, corner = L @ L.T, used[f]
        rows, columns = lower_triangle(len(S))
        for a, b in zip(rows.tolist(), columns.tolist(), strict=True):
            if a == b or template.name == "us":
                one, other = corner + a, corner + b
                pairs = ((one, other),) if a == b else ((one, other), (other, one))
                found.append(Component(f, pairs, float(S[a, b])))
        used[f] += len(S)
    return found


@dataclass(frozen=True)
class Block:
    """Z_j'V^-1 Z_k for levels j of one factor and levels k of another.

    Attributes
    ----------
    left, right : int
        The factors.
    levels : slice
        The levels k.
    M : (J, q, q) or (J, q, k, q) array
        The first where a level meets only itself.
    """

    left: int
    right: int
    levels: slice
    M: Array

    def between(self, a: int, b: int) -> Array:
        """One element for every pair of levels (J, k), or for every level (J,)."""
        return self.M[:, a, b] if self.M.ndim == 3 else self.M[:, a, :, b]

    def diagonal(self, a: int, b: int) -> float:
        """Sum of one element over the levels paired with themselves."""
        found = self.between(a, b)
        return float(found.sum() if found.ndim == 1 else np.trace(found[self.levels]))


def _trace(block: Block, left: Component, right: Component) -> float:
    """tr(E_r M E_s M'), summed over the block."""
    return sum(
        float(np.vdot(block.between(b, c), block.between(a, d)))
        for a, b in left.pairs
        for c, d in right.pairs
    )


def _between(block: Block, left: Component, right: Component, N: list[Array]) -> Array:
    """N_j'E_r M_jk E_s N_k, summed over the block: (p, p)."""
    out = np.zeros((N[0].shape[2], N[0].shape[2]))
    for a, b in left.pairs:
        for c, d in right.pairs:
            M, ends = block.between(b, c), N[block.right][block.levels, d]
            out += N[block.left][:, a].T @ (M[:, None] * ends if M.ndim == 1 else M @ ends)
    return out


def _own_levels(rows: WeightedRows) -> Iterator[Block]:
    own = rows.fit.model.problem.own_v_inverse_Z(rows.fit.theta, 0)
    yield Block(0, 0, slice(None), rows.by_level(0, own))


def _pairs_of_levels(rows: WeightedRows) -> Iterator[Block]:
    fit = rows.fit
    sizes = [(len(f.levels), rows.Z(i).shape[1]) for i, f in enumerate(fit.design.factors)]
    Z = [sp.csc_array(_indicator_rows(rows.Z(i), fit, i)) for i in range(len(sizes))]
    for g, (J, q) in enumerate(sizes):
        step = max(1, COLUMNS_AT_ONCE // q)
        for start in range(0, J, step):
            levels = slice(start, min(J, start + step))
            part = Z[g][:, levels.start * q : levels.stop * q].toarray()
            solved = fit.model.problem.v_inverse(fit.theta, part)
            for f, (J_f, q_f) in enumerate(sizes):
                yield Block(f, g, levels, (Z[f].T @ solved).reshape(J_f, q_f, -1, q))


def _indicator_rows(Z: Array, fit: "LmerFit", factor: int) -> sp.csr_array:
    n, q = Z.shape
    grouping = fit.design.factors[factor]
    columns = grouping.codes[:, None] * q + np.arange(q)
    shape = (n, len(grouping.levels) * q)
    return sp.csr_array((Z.ravel(), columns.ravel(), np.arange(0, n * q + 1, q)), shape=shape)
