r"""Criterion, gradient and Hessian of models with one grouping factor, many data sets at once.

Per group, V_j = I + Q_j (F_j Lambda)(F_j Lambda)' Q_j'. With B_j = I + (F_j Lambda)(F_j Lambda)'
= L_j L_j', G_j = L_j^-1 F_j and h_j = L_j^-1 Q_j'[X y]:

    Z'V^-1 Z = G'G,   Z'V^-1 [X y] = G'h,   [X y]'V^-1 [X y] = W + h'h,   log|V| = log|B|.

Derivatives by S = LambdaLambda' follow from dV^-1 = -V^-1 Z dS Z'V^-1; `evaluate` has them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.covariance import FactorCovariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.one_factor.moments import Moments
from pybootmlm.lmm.tail import Tail, criterion_value, profile_out

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BlockProfile:
    """The random and fixed effects eliminated at one Lambda per data set.

    Attributes
    ----------
    G : (q, q, B, J) array
        L_j^-1 F_j.
    hX, hy : (q, p, B, J), (q, B, J) arrays
        L_j^-1 Q_j'X and L_j^-1 Q_j'y.
    log_det_V : (B,) array
        Sum of log|V_j|.
    tail : Tail
        Fixed effects and r2.
    """

    G: Array
    hX: Array
    hy: Array
    log_det_V: Array
    tail: Tail

    @property
    def h_residual(self) -> Array:
        """L_j^-1 Q_j'(y - X beta) (q, B, J)."""
        if self.hX.shape[1] == 0:
            return self.hy
        fitted: Array = np.einsum("ipbj,pb->ibj", self.hX, self.tail.gamma)
        return self.hy - fitted


def block_profile(moments: Moments, Lambda: Array) -> BlockProfile:
    """Eliminate the random effects, then the fixed ones, at `Lambda` (q, q, B)."""
    root = stacked.multiply(moments.F, Lambda[..., None])
    L = stacked.root_above_identity(root)
    G = stacked.solve_lower(L, moments.F)
    hX = stacked.solve_lower(L, moments.fX)
    hy = stacked.solve_lower(L, moments.fy[:, None])[:, 0]
    log_det = 2 * stacked.log_diagonal(L)
    m = moments.multiplicity
    left = hX if m is None else hX * m
    XX = moments.WXX + np.einsum("iabj,icbj->acb", left, hX)
    Xy = moments.WXy + np.einsum("iabj,ibj->ab", left, hy)
    yy = moments.Wyy + np.einsum("ibj,ibj->b", hy if m is None else hy * m, hy)
    log_det_V = log_det.sum(axis=-1) if m is None else (log_det * m).sum(axis=-1)
    return BlockProfile(G, hX, hy, log_det_V, profile_out(XX, Xy, yy))


def evaluate(
    moments: Moments, covariance: FactorCovariance, theta: Array, reml: bool, order: int
) -> Evaluation:
    """Criterion (`order` 0), with gradient (1) and Hessian (2), at `theta` (B, t)."""
    profile = block_profile(moments, covariance.Lambda(theta.T))
    df = moments.n - moments.p if reml else moments.n
    value = criterion_value(profile.log_det_V, profile.tail, df, reml)
    if order == 0:
        return Evaluation(value)
    return _differentiate(moments, covariance, theta.T, profile, df, reml, order, value)


def _differentiate(
    moments: Moments,
    covariance: FactorCovariance,
    theta: Array,
    profile: BlockProfile,
    df: Array,
    reml: bool,
    order: int,
    value: Array,
) -> Evaluation:
    m, tail = moments.multiplicity, profile.tail
    M = stacked.gram(profile.G, profile.G)
    e = stacked.gram(profile.G, profile.h_residual[:, None])[:, 0]
    weight = df / tail.r2

    def total(subscripts: str, first: Array, second: Array) -> Array:
        summed: Array = np.einsum(subscripts, first if m is None else first * m, second)
        return summed

    ee = total("abj,cbj->acb", e, e)
    K = (M if m is None else M * m).sum(axis=-1) - weight * ee
    use_X = moments.p > 0
    if use_X:
        # N in the basis in which H = (X'V^-1X)^-1 is the identity: NHN' = N N'.
        orthonormal = stacked.solve_lower(tail.C[..., None], profile.hX.swapaxes(0, 1))
        N = stacked.gram(profile.G, orthonormal.swapaxes(0, 1))
    if reml and use_X:
        K -= total("axbj,cxbj->acb", N, N)
    gradient = covariance.gradient(K, theta).T
    if order == 1:
        return Evaluation(value, gradient)

    fit_part = weight[:, None] * e[:, None] * e[None]
    if reml and use_X:
        fit_part = fit_part + np.einsum("axbj,cxbj->acbj", N, N)
    quartic = total("abnj,cdnj->abcdn", M, 2 * fit_part - M)
    dS = covariance.directions(theta)
    hessian = np.einsum("kbcn,lbcn->nkl", np.einsum("kdan,abcdn->kbcn", dS, quartic), dS)
    s = np.einsum("kacn,acn->nk", dS, ee)
    hessian -= (weight / tail.r2)[:, None, None] * s[:, :, None] * s[:, None]
    if use_X:
        eN = total("anj,cxnj->acxn", e, N)
        T = np.einsum("kacn,acxn->nkx", dS, eN)
        hessian -= 2 * weight[:, None, None] * np.einsum("nkx,nlx->nkl", T, T)
        if reml:
            NN = total("axnj,cynj->axcyn", N, N)
            U = np.einsum("kacn,axcyn->nkxy", dS, NN)
            hessian -= np.einsum("nkxy,nlyx->nkl", U, U)
    hessian += np.moveaxis(covariance.curvature(K, theta), -1, 0)
    return Evaluation(value, gradient, hessian)
