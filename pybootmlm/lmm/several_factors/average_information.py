r"""A Hessian that costs a few solves, for searches among many random effects.

The exact Hessian of the criterion (see `pybootmlm.lmm.one_factor.block_criterion`) has
2a - tr(dS_k Q dS_l Q), where Q = Z'PZ, or Z'V^-1Z for the deviance, and
a = (df/r2) e'dS_k Z'PZ dS_l e. At the true theta
both terms have the same expectation, so a alone stands for the two: their average is what
Gilmour, Thompson and Cullis (1995, Biometrics 51, 1440-1450) call average information. What depends
on the first derivatives alone (the profiled sigma, the curvature of S = LambdaLambda') is exact,
and so is everything where a column of Lambda is zero.
"""

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.covariance import Covariance
from pybootmlm.lmm.several_factors.block_stage import Reduced
from pybootmlm.lmm.several_factors.sweep import Sweep, solve
from pybootmlm.lmm.tail import Tail

Array = NDArray[np.float64]


def average_information(
    covariance: Covariance,
    levels: tuple[int, ...],
    start: Reduced,
    theta: Array,
    sweep: Sweep,
    tail: Tail,
    e: Array,
    K: list[Array],
    df: int,
) -> Array:
    """The approximate Hessian (T, T) of the criterion at `theta`.

    Parameters
    ----------
    covariance : Covariance
    levels : tuple of int
        Numbers of levels of the factors.
    start : Reduced
        Cross-products before anything is eliminated.
    theta : (T,) array
    sweep : Sweep
        All factors eliminated at `theta`.
    tail : Tail
        The fixed effects eliminated too (B = 1).
    e : (m,) array
        Z'V^-1(y - X beta).
    K : list of (q, q) arrays
        Derivatives of the criterion by S.
    df : int
        n, or n - p under REML.
    """
    V = np.zeros((len(e), theta.size))
    curvature = np.zeros((theta.size, theta.size))
    first = 0
    for factor, J, K_f in zip(covariance.factors, levels, K, strict=True):
        q, index = factor.size, factor.theta_index
        rows = slice(first, first + J * q)
        dS = factor.directions(theta)
        V[rows, index] = np.einsum("kab,jb->jak", dS, e[rows].reshape(J, q)).reshape(J * q, -1)
        curvature[np.ix_(index, index)] = factor.curvature(K_f, theta)
        first += J * q
    TV = start.ZZ @ V
    effects = solve(sweep, TV)[1]
    a = V.T @ TV - TV.T @ effects
    if len(tail.gamma):
        of_X = start.Zt[:, :-1].T @ (V - effects)
        half = stacked.solve_lower(tail.C[..., 0], of_X)
        a -= half.T @ half
    s = V.T @ e
    r2 = tail.r2[0]
    H: Array = df / r2 * (a - np.outer(s, s) / r2) + curvature
    return (H + H.T) / 2
