"""Asymptotic covariance matrices of theta, and of the variance components."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import flag
from pybootmlm.exceptions import ModelError
from pybootmlm.inference.chain_rule import Quadratic, through, variance_map
from pybootmlm.lmm.fit import LmerFit, checked_fit
from pybootmlm.lmm.names import component_names
from pybootmlm.lmm.rows import WeightedRows

Array = NDArray[np.float64]

# A variance of a variance is a fourth power.
LARGEST_SIGMA = 1e70


def vcov_theta(fit: LmerFit) -> Array:
    """Asymptotic covariance matrix of theta: twice the inverse Hessian of the criterion.

    The Hessian is exact for models with one grouping factor; for others it comes from
    fourth-order differences of the exact gradient.

    Parameters
    ----------
    fit : LmerFit
        The fit.

    Returns
    -------
    ndarray (t, t)
        Covariance matrix, in the order of theta.

    Raises
    ------
    ModelError
        The Hessian is singular.

    References
    ----------
    bootmlm 0.1.1, manual page ``vcov_theta``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> bm.vcov_theta(fit).round(4)
    array([[0.108]])
    """
    fit = checked_fit(fit)
    return _twice_inverse(fit.model.problem.hessian(fit.theta, fit.reml))


def vcov_vc(fit: LmerFit, sd_cor: bool = True, names: bool = True) -> pd.DataFrame | Array:
    """Asymptotic covariance matrix of the variance components.

    Twice the inverse Hessian of the deviance (or REML criterion) as a function of the variance
    components and sigma, from exact derivatives and the chain rule.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    sd_cor : bool
        Standard deviations, correlations and sigma; or variances, covariances and sigma^2.
    names : bool
        A data frame with names, or the bare array.

    Returns
    -------
    DataFrame or ndarray (t + 1, t + 1)
        In the order of theta, sigma last.

    Raises
    ------
    ModelError
        The fit is singular: the likelihood has no quadratic approximation in these parameters.
        Or variances of variances leave the range of floating point, in the response's units.

    References
    ----------
    bootmlm 0.1.1, manual page ``vcov_vc``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> bm.vcov_vc(fit).round(2)
                          sd_(Intercept)|Batch  sigma
    sd_(Intercept)|Batch                215.44 -13.57
    sigma                               -13.57  51.07
    """
    sd_cor, names = flag(sd_cor, "sd_cor"), flag(names, "names")
    fit = checked_fit(fit)
    if fit.is_singular(tol=1e-8):
        raise ModelError(
            "The fit is singular (a variance is zero, or a correlation is one), so its variance "
            "components have no asymptotic covariance matrix. Use a bootstrap, or `vcov_theta`."
        )
    if not 1 / LARGEST_SIGMA <= fit.sigma <= LARGEST_SIGMA:
        raise ModelError(
            f"The residual standard deviation is {fit.sigma:.3g}, whose fourth power leaves the "
            "range of floating point: give the response in other units."
        )
    components = through(joint_deviance(fit), variance_map(fit, sd_cor))
    covariance = _twice_inverse(components.hessian)
    if not names:
        return covariance
    labels = list(component_names(fit.labels, sd_cor))
    return pd.DataFrame(covariance, index=labels, columns=labels)


def joint_deviance(fit: LmerFit) -> Quadratic:
    """Gradient and Hessian of the deviance by (theta, sigma) at the fit's theta and sigma."""
    t, df, r2, sigma = fit.theta.size, fit.solution.df, fit.solution.pwrss, fit.sigma
    profile = fit.model.problem.evaluate(fit.theta[None], fit.reml, 1).gradient
    assert profile is not None
    r2_gradient = _r2_gradient(fit)
    relative = r2 / sigma**2  # no higher powers of sigma, which may leave the range
    gradient = np.append(profile[0], 2 * (df - relative) / sigma)
    hessian = np.empty((t + 1, t + 1))
    hessian[:t, :t] = fit.model.problem.hessian(fit.theta, fit.reml)
    hessian[:t, :t] += df * np.outer(r2_gradient / r2, r2_gradient / r2)
    hessian[:t, t] = hessian[t, :t] = -2 * (r2_gradient / sigma**2) / sigma
    hessian[t, t] = (6 * relative - 2 * df) / sigma**2
    return Quadratic(gradient, hessian)


def _r2_gradient(fit: LmerFit) -> Array:
    """Derivative of the penalised residual sum of squares by theta: -tr((sum ee') dS)."""
    rows = WeightedRows(fit)
    out = np.empty(fit.theta.size)
    for f, factor in enumerate(fit.model.covariance.factors):
        e = rows.by_level(f, rows.v_inverse_eps[:, None])[:, :, 0]
        out[factor.theta_index] = factor.gradient(-e.T @ e, fit.theta)
    return out


def _twice_inverse(hessian: Array) -> Array:
    try:
        inverse = np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        inverse = np.full_like(hessian, np.nan)
    if not np.isfinite(inverse).all():
        raise ModelError(
            "The Hessian of the criterion is singular at this fit, so there is no asymptotic "
            "covariance matrix. Use a bootstrap instead."
        )
    # Twice its symmetric part: an inverse is symmetric to rounding only.
    return np.asarray(inverse + inverse.T)
