r"""Criterion, gradient and Hessian of models with few random effects, many data sets at once.

All random effects stand together: T = Z'Z, A = Lambda'T Lambda + I and

    M = Z'V^-1 Z = T - T Lambda A^-1 Lambda'T,
    Z'V^-1 [X y] = Z'[X y] - T Lambda A^-1 Lambda'Z'[X y]

are dense matrices of the order m of the random effects, one a data set; a response enters by its
cross-products alone. With N and e what Z'V^-1 makes of X, in the basis in which X'V^-1X is the
identity, and of the residual, the criterion is put together from three functions of S whose
derivatives along dS_k and dS_l are

    log|V|:       tr(dS_k M),          -tr(dS_k M dS_l M),
    log|X'V^-1X|: -tr(dS_k NN'),       tr(dS_k M dS_l M) - tr(dS_k (M - NN') dS_l (M - NN')),
    r2:           -e'dS_k e,           2 e'dS_k (M - NN') dS_l e,

and the curvature of S = LambdaLambda' itself.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from pybootmlm.lmm.anatomy import Part
from pybootmlm.lmm.covariance import Covariance, FactorCovariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.tail import Tail, criterion_value, profile_out

Array = NDArray[np.float64]

# Condition of a template beyond which M is not taken through its inverse.
WELL_CONDITIONED = 1e5
# A diagonal element that is as good as zero.
LEAST = 1e-100


@dataclass(frozen=True)
class CrossProducts:
    """Cross-products of B data sets that share Z and X.

    Attributes
    ----------
    ZZ, ZX, XX : (m, m), (m, p), (p, p) arrays
    Zy, Xy, yy : (B, m), (B, p), (B,) arrays
    levels : tuple of int
        Numbers of levels of the factors.
    n : int
        Number of rows.
    """

    ZZ: Array
    ZX: Array
    XX: Array
    Zy: Array
    Xy: Array
    yy: Array
    levels: tuple[int, ...]
    n: int

    def take(self, sets: NDArray[np.intp]) -> "CrossProducts":
        """The data sets at positions `sets` only."""
        return replace(self, Zy=self.Zy[sets], Xy=self.Xy[sets], yy=self.yy[sets])

    def tails(self) -> tuple[Array, Array]:
        """Z'[X y] (B, m, p + 1) and [X y]'[X y] (B, p + 1, p + 1)."""
        B, p = self.Xy.shape
        Zt = np.empty((B, len(self.ZZ), p + 1))
        Zt[..., :p], Zt[..., p] = self.ZX, self.Zy
        tt = np.empty((B, p + 1, p + 1))
        tt[:, :p, :p], tt[:, p, p] = self.XX, self.yy
        tt[:, :p, p] = tt[:, p, :p] = self.Xy
        return Zt, tt


@dataclass(frozen=True)
class Parts:
    """The three parts of the criterion, and the fixed effects.

    Attributes
    ----------
    log_det, log_XX, r2 : Part
        log|V|, log|X'V^-1X| and the residual sum of squares.
    tail : Tail
    """

    log_det: Part
    log_XX: Part
    r2: Part
    tail: Tail


def evaluate(
    data: CrossProducts, covariance: Covariance, theta: Array, reml: bool, order: int
) -> Evaluation:
    """Criterion (`order` 0), with gradient (1) and Hessian (2), at `theta` (B, T)."""
    parts = dense_parts(data, covariance, theta, order)
    df = data.n - data.Xy.shape[1] if reml else data.n
    value = criterion_value(parts.log_det.value, parts.tail, df, reml)
    log_det, log_XX, r2 = parts.log_det, parts.log_XX, parts.r2
    if log_det.gradient is None or log_XX.gradient is None or r2.gradient is None:
        return Evaluation(value)
    weight = df / r2.value
    gradient = log_det.gradient + weight[:, None] * r2.gradient
    if reml:
        gradient = gradient + log_XX.gradient
    if log_det.hessian is None or log_XX.hessian is None or r2.hessian is None:
        return Evaluation(value, gradient)
    squared = r2.gradient[:, :, None] * r2.gradient[:, None]
    hessian = log_det.hessian + weight[:, None, None] * (
        r2.hessian - squared / r2.value[:, None, None]
    )
    if reml:
        hessian = hessian + log_XX.hessian
    return Evaluation(value, gradient, hessian)


def dense_parts(data: CrossProducts, covariance: Covariance, theta: Array, order: int) -> Parts:
    """The parts at `theta` (B, T), with gradients (`order` 1) and Hessians (2)."""
    Lambdas = [factor.Lambda(theta.T) for factor in covariance.factors]
    rows = _rows(covariance, data.levels)
    TL = _times(np.broadcast_to(data.ZZ, (len(theta), *data.ZZ.shape)), Lambdas, rows)
    A = _transposed_times(TL, Lambdas, rows)
    A[:, np.arange(A.shape[1]), np.arange(A.shape[1])] += 1.0
    log_det, L_inverse = _log_det_and_root(A)
    Zt, tt = data.tails()
    half = L_inverse @ _transposed_times(Zt, Lambdas, rows)
    p = data.Xy.shape[1]
    left = np.moveaxis(tt - half.swapaxes(1, 2) @ half, 0, -1)
    tail = profile_out(left[:p, :p], left[:p, p], left[p, p]).above_rounding(data.yy)
    parts = Parts(Part(log_det), Part(np.asarray(tail.log_det_XX)), Part(tail.r2), tail)
    if order == 0:
        return parts
    U = L_inverse.swapaxes(1, 2) @ half
    G = TL @ L_inverse.swapaxes(1, 2)
    Q = G @ L_inverse
    M, of_tail = np.empty_like(TL), np.empty_like(Zt)
    for Lambda, where in zip(Lambdas, rows, strict=True):
        inverse, singular = _inverses(Lambda)
        # Nothing cancels: M Lambda = T Lambda A^-1, and Lambda'Z'V^-1 = A^-1 Lambda'Z'.
        M[:, :, where] = _times(Q[:, :, where], [inverse], [slice(None)])
        of_tail[:, where] = _transposed_times(U[:, where], [inverse], [slice(None)])
        if singular.size:
            M[singular, :, where] = data.ZZ[:, where] - G[singular] @ G[singular, where].swapaxes(
                1, 2
            )
            of_tail[singular, where] = Zt[singular, where] - TL[singular, where] @ U[singular]
    e = of_tail[..., p] - np.einsum("bmp,pb->bm", of_tail[..., :p], tail.gamma)
    N = np.zeros((*e.shape, 0))
    if p:
        N = np.linalg.solve(np.moveaxis(tail.C, -1, 0), of_tail[..., :p].swapaxes(1, 2))
        N = N.swapaxes(1, 2)
    pieces = [
        _by_factor(f, theta.T, where, M, N, e)
        for f, where in zip(covariance.factors, rows, strict=True)
    ]
    gradients = np.zeros((3, *theta.shape))
    for factor, piece in zip(covariance.factors, pieces, strict=True):
        gradients[:, :, factor.theta_index] = piece.gradients
    hessians = _hessians(covariance, rows, pieces, M, N, theta) if order == 2 else (None,) * 3
    by_part = zip((parts.log_det, parts.log_XX, parts.r2), gradients, hessians, strict=True)
    of_V, of_XX, of_r2 = (Part(part.value, g, H) for part, g, H in by_part)
    return Parts(of_V, of_XX, of_r2, tail)


@dataclass(frozen=True)
class _Piece:
    """A factor's share of the derivatives.

    `gradients` (3, B, t) and the diagonal blocks (3, q, q, B) they come from, the directions `dS`
    (t, q, q, B), and dS_k e (B, J q, t).
    """

    gradients: Array
    blocks: Array
    dS: Array
    V: Array


def _by_factor(
    factor: FactorCovariance, theta: Array, where: slice, M: Array, N: Array, e: Array
) -> _Piece:
    B, q = len(e), factor.size
    J = (where.stop - where.start) // q
    own = M[:, where, where].reshape(B, J, q, J, q)
    e_own, N_own = e[:, where].reshape(B, J, q), N[:, where].reshape(B, J, q, -1)
    blocks = np.stack(
        [
            np.einsum("njajb->abn", own),
            -np.einsum("njax,njbx->abn", N_own, N_own),
            -np.einsum("nja,njb->abn", e_own, e_own),
        ]
    )
    gradients = np.stack([factor.gradient(K, theta).T for K in blocks])
    dS = factor.directions(theta)
    V = np.einsum("kabn,njb->njak", dS, e_own).reshape(B, J * q, -1)
    return _Piece(gradients, blocks, dS, V)


def _hessians(
    covariance: Covariance,
    rows: list[slice],
    pieces: list[_Piece],
    M: Array,
    N: Array,
    theta: Array,
) -> Array:
    """Hessians (3, B, T, T) of the three parts."""
    B, t = theta.shape
    Mp = M - N @ N.swapaxes(1, 2)
    out = np.zeros((3, B, t, t))
    for i, (f, one) in enumerate(zip(covariance.factors, pieces, strict=True)):
        own = _place(f, f)
        bent = [np.moveaxis(f.curvature(K, theta.T), -1, 0) for K in one.blocks]
        out[own] += np.stack(bent)
        for j, (g, other) in enumerate(zip(covariance.factors[: i + 1], pieces, strict=False)):
            of_M, of_Mp = (_trace(x[:, rows[i], rows[j]], one.dS, other.dS) for x in (M, Mp))
            by_r2 = 2 * one.V.swapaxes(1, 2) @ Mp[:, rows[i], rows[j]] @ other.V
            H = np.stack([-of_M, of_M - of_Mp, by_r2])
            out[_place(f, g)] += H
            if i != j:
                out[_place(g, f)] += H.swapaxes(-1, -2)
    return out


def _place(f: FactorCovariance, g: FactorCovariance) -> tuple[Any, ...]:
    """Where the derivatives by two factors' elements of theta stand in (3, B, T, T)."""
    return (slice(None), slice(None), f.theta_index[:, None], g.theta_index[None])


def _trace(block: Array, dS: Array, dS_other: Array) -> Array:
    """tr(dS_k M_fg dS_l M_gf) (B, t, t), for the block M_fg (B, J q, J' q')."""
    q, other = dS.shape[1], dS_other.shape[1]
    B, rows, columns = block.shape
    # All elements (a, c) of the levels' blocks, level by level: products of elements are a matrix.
    by_element = block.reshape(B, rows // q, q, columns // other, other)
    by_element = by_element.transpose(0, 2, 4, 1, 3).reshape(B, q * other, -1)
    products = (by_element @ by_element.swapaxes(1, 2)).reshape(B, q, other, q, other)
    return np.asarray(np.einsum("kabn,nbcad,lcdn->nkl", dS, products, dS_other, optimize=True))


def _inverses(Lambda: Array) -> tuple[Array, NDArray[np.intp]]:
    """Inverses (q, q, B), and for which of the data sets there is none to be trusted."""
    by_set = np.moveaxis(Lambda, -1, 0)
    # An inverse must stay in range too.
    regular = np.asarray((np.abs(np.diagonal(by_set, axis1=1, axis2=2)) > LEAST).all(axis=1))
    regular &= np.isfinite(by_set).all(axis=(1, 2))
    if len(Lambda) > 1:
        regular[regular] = np.linalg.cond(by_set[regular]) < WELL_CONDITIONED
    out = np.zeros_like(by_set)
    out[regular] = np.linalg.inv(by_set[regular])
    return np.moveaxis(out, 0, -1), np.flatnonzero(~regular)


def _log_det_and_root(A: Array) -> tuple[Array, Array]:
    """log|A| (B,) and L^-1 of positive definite A = LL' (B, m, m); NaN where one is not."""
    inverse = np.full_like(A, np.nan)
    log_det = np.full(len(A), np.nan)
    for b, one in enumerate(A):
        # The lower triangle by rows is the upper one by columns, as LAPACK reads it.
        root, failed = lapack.dpotrf(np.ascontiguousarray(one).T, lower=0, overwrite_a=1)
        if failed or not np.isfinite(root[-1, -1]):
            continue
        log_det[b] = 2 * np.log(np.diagonal(root)).sum()
        inverse[b] = lapack.dtrtri(root, lower=0, overwrite_c=1)[0].T
    return log_det, inverse


def _rows(covariance: Covariance, levels: tuple[int, ...]) -> list[slice]:
    ends = np.cumsum([f.size * J for f, J in zip(covariance.factors, levels, strict=True)])
    return [slice(int(a), int(b)) for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def _times(right: Array, Lambdas: list[Array], rows: list[slice]) -> Array:
    """`right` (B, c, m) times Lambda."""
    out = np.empty(right.shape)
    for Lambda, where in zip(Lambdas, rows, strict=True):
        q, part, into = len(Lambda), right[..., where], out[..., where]
        for c in range(q):
            into[..., c::q] = sum(part[..., r::q] * Lambda[r, c, :, None, None] for r in range(q))
    return out


def _transposed_times(right: Array, Lambdas: list[Array], rows: list[slice]) -> Array:
    """Lambda' times `right` (B, m, c)."""
    return _times(right.swapaxes(1, 2), Lambdas, rows).swapaxes(1, 2)
