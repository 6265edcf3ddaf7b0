r"""The delta method: standard errors of whatever is computed from the parameters.

Var(g) is J C J' with J the derivatives of g by (beta, theta, sigma), and C their asymptotic
covariance matrix: that of the fixed effects, and twice the inverse Hessian of the criterion for
(theta, sigma). Between the two the expected information is zero.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from pybootmlm.checks import confidence_level
from pybootmlm.exceptions import ModelError
from pybootmlm.inference.statistics import resolve_statistic
from pybootmlm.inference.vcov import joint_deviance
from pybootmlm.lmm.estimates import Estimates
from pybootmlm.lmm.fit import LmerFit, checked_fit
from pybootmlm.lmm.model import Model
from pybootmlm.lmm.solution import Labels, Solution
from pybootmlm.lmm.statistic import named_values

Array = NDArray[np.float64]

# Fourth-order differences, in standard errors: truncation and rounding are both about 1e-9.
STEP = 1e-2


@dataclass(frozen=True, eq=False)
class AtParameters(Estimates):
    """Estimates that are not those of the data: what a statistic is asked about near a fit.

    Attributes
    ----------
    solution, labels : Solution, Labels
    model : Model
    """

    solution: Solution
    labels: Labels
    model: Model

    @property
    def predictor_moments(self) -> tuple[Array, tuple[Array, ...]]:
        """As of a fit."""
        return self.model.predictor_moments


@dataclass(frozen=True, eq=False)
class DeltaMethod:
    """A statistic with its standard errors by the delta method.

    Attributes
    ----------
    frame : DataFrame
        Estimate, Std. Error, lower and upper of each element.
    vcov : DataFrame (k, k)
        Covariance matrix of the elements.
    gradient : DataFrame (k, p + t + 1)
        Derivatives by the fixed effects, theta and sigma.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> bm.delta_method(fit, "icc").gradient.round(4)
         (Intercept)  theta1  sigma
    icc          0.0  0.5737    0.0
    """

    frame: pd.DataFrame
    vcov: pd.DataFrame
    gradient: pd.DataFrame


def delta_method(
    fit: LmerFit, statistic: Callable[[Any], Any] | str, *, level: float = 0.95
) -> DeltaMethod:
    """Standard errors and normal intervals of a statistic by the delta method.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    statistic : callable or str
        As of `bootstrap_mer`: a function of a fit, or the name of one in `pybootmlm.statistics`. It
        may use whatever follows from the parameters (beta, theta, sigma, vcov, varcorr), but not
        the rows.
    level : float
        Confidence level.

    Returns
    -------
    DeltaMethod

    Raises
    ------
    ModelError
        The fit is singular: near it the likelihood is not quadratic in theta.
    StatisticError
        The statistic is not numeric, or needs the rows.
    ArgumentError
        There is no statistic of that name, or `level` has no meaning.

    References
    ----------
    van der Vaart, A. W. (1998). Asymptotic Statistics, theorem 3.1; Searle, S. R., Casella, G. and
    McCulloch, C. E. (1992). Variance Components, section 6.3.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> bm.delta_method(fit, "icc").frame.round(3)
         Estimate  Std. Error  lower  upper
    icc     0.418       0.216 -0.005  0.842
    >>> boot = bm.bootstrap_mer(fit, "icc", nsim=200, rng=1)
    >>> boot.std_error.round(2)["icc"].item()  # smaller: a share cannot be below zero
    0.19
    """
    fit = checked_fit(fit)
    level = confidence_level(level)
    function = resolve_statistic(statistic)
    if fit.is_singular():
        raise ModelError(
            "The fit is singular (a variance is zero, or a correlation is one), so the delta "
            "method does not apply. Use a bootstrap."
        )
    here = np.concatenate([fit.beta, fit.theta, [fit.sigma]])
    names, values = named_values(function, _at(fit, here))
    covariance = _covariance(fit)
    steps = STEP * np.sqrt(np.diag(covariance))
    _check_room(fit, steps)
    gradient = np.empty((len(values), len(here)))
    for k, step in enumerate(steps):
        move = np.zeros_like(here)
        move[k] = step
        one, minus_one, two, minus_two = (
            named_values(function, _at(fit, here + j * move), expected=len(values))[1]
            for j in (1, -1, 2, -2)
        )
        gradient[:, k] = (8 * (one - minus_one) - (two - minus_two)) / (12 * step)
    vcov = gradient @ covariance @ gradient.T
    error = np.sqrt(np.maximum(np.diag(vcov), 0))
    width = ndtri((1 + level) / 2) * error
    columns = [*fit.labels.fixed, *(f"theta{i + 1}" for i in range(fit.theta.size)), "sigma"]
    return DeltaMethod(
        frame=pd.DataFrame(
            {
                "Estimate": values,
                "Std. Error": error,
                "lower": values - width,
                "upper": values + width,
            },
            index=names,
        ),
        vcov=pd.DataFrame(vcov, index=names, columns=names),
        gradient=pd.DataFrame(gradient, index=names, columns=columns),
    )


def _check_room(fit: LmerFit, steps: Array) -> None:
    """Refuse a correlation of a structured term that cannot be moved by the `steps` (k,)."""
    structure = fit.labels.covariance
    step = steps[fit.beta.size : -1]
    out = (fit.theta - 2 * step < structure.lower) | (fit.theta + 2 * step > structure.upper)
    if (out & ~structure.on_diagonal).any():
        raise ModelError(
            "The correlation of a structured term is hardly determined, or so near its bound that "
            "the delta method does not apply. Use a bootstrap."
        )


def _covariance(fit: LmerFit) -> Array:
    """Asymptotic covariance matrix of (beta, theta, sigma)."""
    p, size = fit.beta.size, fit.beta.size + fit.theta.size + 1
    out = np.zeros((size, size))
    out[:p, :p] = fit.vcov.to_numpy()
    try:
        inverse = np.linalg.inv(joint_deviance(fit).hessian)
    except np.linalg.LinAlgError:
        inverse = np.full((size - p, size - p), np.nan)
    if not np.isfinite(inverse).all() or not (np.diag(inverse) > 0).all():
        raise ModelError(
            "The Hessian of the criterion is not positive definite at this fit, so there is no "
            "asymptotic covariance matrix. Use a bootstrap."
        )
    out[p:, p:] = inverse + inverse.T
    return out


def _at(fit: LmerFit, parameters: Array) -> AtParameters:
    """What follows from (beta, theta, sigma) near a fit."""
    p = fit.beta.size
    beta, theta, sigma = parameters[:p], parameters[p:-1], float(parameters[-1])
    solution = fit.at_theta(theta).solution
    pwrss = sigma**2 * solution.df
    return AtParameters(replace(solution, beta=beta, pwrss=pwrss), fit.labels, fit.model)
