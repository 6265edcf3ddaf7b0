"""The two parts of the deviance, log|V| and the residual sum of squares r2, and their derivatives.

The deviance with sigma profiled out is log|V| + n log r2 and constants; with sigma given, or bound
to theta, it is log|V| + r2 / sigma^2 and what depends on sigma. All of them can be put together
from these two parts; see `pybootmlm.lmm.one_factor.block_criterion` for the derivatives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.covariance import FactorCovariance
from pybootmlm.lmm.one_factor.block_criterion import block_profile
from pybootmlm.lmm.one_factor.moments import Moments

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A function of theta at B points, with derivatives as far as they were asked for.

    Attributes
    ----------
    value : (B,) array
    gradient : (B, t) array or None
    hessian : (B, t, t) array or None
    """

    value: Array
    gradient: Array | None = None
    hessian: Array | None = None


@dataclass(frozen=True)
class Anatomy:
    """log|V| and r2, beta profiled out, in standardised coordinates."""

    log_det: Part
    r2: Part


def anatomy(moments: Moments, covariance: FactorCovariance, theta: Array, order: int) -> Anatomy:
    """The parts at `theta` (B, t) of data sets in which every group counts once.

    With dS_k the derivative of S = LambdaLambda' by theta_k, M_j = Z_j'V^-1Z_j, e_j and N_j what
    Z_j'V^-1 makes of the residual and of X:

        log|V|:  tr(dS_k M_j),   -tr(dS_k M_j dS_l M_j),
        r2:      -e_j'dS_k e_j,  2 e_j'dS_k M_j dS_l e_j - 2 (N_j'dS_k e_j)' H (N_l'dS_l e_l),

    summed over the groups, and in each the curvature of S itself.
    """
    theta = theta.T
    profile = block_profile(moments, covariance.Lambda(theta))
    log_det, r2 = profile.log_det_V, profile.tail.r2
    if order == 0:
        return Anatomy(Part(log_det), Part(r2))
    M = stacked.gram(profile.G, profile.G)
    e = stacked.gram(profile.G, profile.h_residual[:, None])[:, 0]
    M_sum, ee = M.sum(axis=-1), np.einsum("abj,cbj->acb", e, e)
    by_log_det = covariance.gradient(M_sum, theta).T
    by_r2 = covariance.gradient(-ee, theta).T
    if order == 1:
        return Anatomy(Part(log_det, by_log_det), Part(r2, by_r2))
    dS = covariance.directions(theta)
    quartics = (np.einsum("abnj,cdnj->abcdn", M, other) for other in (-M, 2 * e[:, None] * e[None]))
    H_log_det, H_r2 = (
        np.einsum("kbcn,lbcn->nkl", np.einsum("kdan,abcdn->kbcn", dS, quartic), dS)
        for quartic in quartics
    )
    if moments.p:
        # N in the basis in which H = (X'V^-1X)^-1 is the identity.
        orthonormal = stacked.solve_lower(profile.tail.C[..., None], profile.hX.swapaxes(0, 1))
        N = stacked.gram(profile.G, orthonormal.swapaxes(0, 1))
        T = np.einsum("kacn,acxn->nkx", dS, np.einsum("anj,cxnj->acxn", e, N))
        H_r2 -= 2 * np.einsum("nkx,nlx->nkl", T, T)
    H_log_det += np.moveaxis(covariance.curvature(M_sum, theta), -1, 0)
    H_r2 -= np.moveaxis(covariance.curvature(ee, theta), -1, 0)
    return Anatomy(Part(log_det, by_log_det, H_log_det), Part(r2, by_r2, H_r2))
