r"""Satterthwaite's degrees of freedom for fixed effects.

For a contrast with variance :math:`f(\phi) = l'C(\phi)l`, :math:`\phi = (\theta, \sigma)`,

.. math:: \nu = 2 f^2 / (g'Ag),

where g is the gradient of f and A twice the inverse Hessian of the criterion (equation 8 of
Kuznetsova et al. 2017). Here the gradients are exact, and with one grouping factor the Hessian too.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ModelError
from pybootmlm.hypothesis.restriction import FTest
from pybootmlm.inference.vcov import joint_deviance
from pybootmlm.lmm.rows import WeightedRows

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Eigenvalues of the Hessian up to this are directions about which the data say nothing.
FLAT = 1e-8
# Share of the largest eigenvalue below which a direction of L Var(beta) L' is none.
RANK = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True)
class Satterthwaite:
    """What Satterthwaite's method needs of a fit.

    Attributes
    ----------
    vcov : (p, p) array
        Covariance matrix C of the fixed effects.
    gradients : (t + 1, p, p) array
        Its derivatives by theta and sigma.
    covariance : (t + 1, t + 1) array
        Asymptotic covariance matrix A of (theta, sigma).
    """

    vcov: Array
    gradients: Array
    covariance: Array

    def df(self, contrast: Array) -> float:
        """Degrees of freedom of one contrast (p,)."""
        variance = contrast @ self.vcov @ contrast
        gradient = np.einsum("p,kpq,q->k", contrast, self.gradients, contrast)
        # Relative to the variance, whose square may leave the range of floating point.
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = gradient / variance
            return float(2 / np.float64(relative @ self.covariance @ relative))

    def f_test(self, L: Array, difference: Array) -> FTest:
        """F test of L beta - rhs = `difference` (m,), L (m, p).

        The independent directions of L are tested together; their degrees of freedom are those
        that give F the mean it would have if every t^2 were an F of its own (Fai and Cornelius
        1996, equation 4).
        """
        values, vectors = np.linalg.eigh(L @ self.vcov @ L.T)
        kept = values > max(RANK * values[-1], 0.0)
        values, vectors = values[kept], vectors[:, kept]
        q = len(values)
        if q == 0:
            return FTest(np.nan, 0, np.nan)
        F = float(np.mean((vectors.T @ difference) ** 2 / values))
        df = np.array([self.df(direction) for direction in vectors.T @ L])
        return FTest(F, q, pooled_df(df))


def satterthwaite(fit: "LmerFit") -> Satterthwaite:
    """Exact gradients and the covariance of (theta, sigma) at the estimates of a fit.

    Raises
    ------
    ModelError
        The Hessian has no positive eigenvalue.
    """
    sigma, H = fit.sigma, fit.solution.RX_inverse @ fit.solution.RX_inverse.T
    rows = WeightedRows(fit)
    gradients = np.empty((fit.theta.size + 1, len(H), len(H)))
    for f, factor in enumerate(fit.labels.covariance.factors):
        N = rows.by_level(f, rows.v_inverse_X)
        for k, dS in zip(factor.theta_index, factor.directions(fit.theta), strict=True):
            gradients[k] = sigma**2 * H @ np.einsum("jap,ab,jbr->pr", N, dS, N) @ H
    gradients[-1] = 2 * sigma * H
    # By sigma relative to itself: in units of the response, what is flat would depend on them.
    unit = np.append(np.ones(fit.theta.size), sigma)
    values, vectors = np.linalg.eigh(joint_deviance(fit).hessian * unit * unit[:, None])
    kept = values > FLAT
    if not kept.any():
        raise ModelError(
            "The criterion is flat or not at a minimum at these estimates, so Satterthwaite's "
            'degrees of freedom are not defined: use `ddf="kenward-roger"`, or a bootstrap.'
        )
    root = unit[:, None] * vectors[:, kept] / np.sqrt(values[kept])
    return Satterthwaite(sigma**2 * H, gradients, 2 * root @ root.T)


def pooled_df(df: Array) -> float:
    """Denominator degrees of freedom of the mean of t^2 with `df` (q,) degrees of freedom each.

    Examples
    --------
    >>> pooled_df(np.array([10.0, 10.0])), round(pooled_df(np.array([10.0, 20.0])), 3)
    (10.0, 13.077)
    """
    if len(df) == 1 or (np.abs(np.diff(df)) < FLAT).all():
        return float(np.mean(df))
    if (df <= 2).any():
        return 2.0
    expected = float(np.sum(df / (df - 2)))
    return 2 * expected / (expected - len(df))
