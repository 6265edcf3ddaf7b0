"""Profile-likelihood interval of the intraclass correlation."""

import numpy as np
import pandas as pd
from scipy.special import chdtri

from pybootmlm.checks import confidence_level, number
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formats import percent_names
from pybootmlm.inference.devfun import devfun_mer2
from pybootmlm.lmm.fit import LmerFit, checked_fit


def prof_ci_icc(fit: LmerFit, level: float = 0.95, eps_max: float = 1e6) -> pd.Series:
    r"""Confidence limits of the intraclass correlation from the profiled deviance.

    The limits of theta, where the profiled deviance (or REML criterion) has risen by the
    chi-square quantile with one degree of freedom, are carried over by
    :math:`1/(1 + \theta^{-2})`. Where it does not rise so far before theta is 0, the lower
    limit is 0. The roots are exact to rounding.

    Parameters
    ----------
    fit : LmerFit
        A model with one random intercept.
    level : float
        Confidence level, between 0 and 1.
    eps_max : float
        How far above its estimate theta's upper limit is looked for.

    Returns
    -------
    Series (2,)
        Limits, named after their percentages.

    Raises
    ------
    ArgumentError
        The model has more than one variance parameter, `level` or `eps_max` lie outside their
        domain, or there is no upper limit within `eps_max`.

    References
    ----------
    bootmlm 0.1.1, manual page ``prof_ci_icc``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> bm.prof_ci_icc(fit).round(4).to_dict()
    {'2.5 %': 0.0416, '97.5 %': 0.7598}
    """
    # Not at the top: scipy.optimize would add a third to the time that importing us takes.
    from scipy.optimize import brentq

    confidence_level(level)
    fit = checked_fit(fit)
    if fit.theta.size != 1 or len(fit.labels.terms[0]) != 1:
        raise ArgumentError(
            "`fit` must have one random intercept and nothing else; its theta has "
            f"{fit.theta.size} elements, for {sum(map(len, fit.labels.terms))} random effects."
        )
    if not number(eps_max, "eps_max") > 0:
        raise ArgumentError(f"`eps_max` must be positive; got {eps_max}.")
    deviance = devfun_mer2(fit)
    estimate = float(abs(fit.theta[0]))
    ceiling = deviance([estimate]) + float(chdtri(1, 1 - level))

    def rise(theta: float) -> float:
        return deviance([theta]) - ceiling

    step = max(estimate, 1e-3)
    above = estimate + step
    while rise(above) < 0 and above < estimate + eps_max:
        step *= 2
        above = min(estimate + step, estimate + eps_max)
    if rise(above) < 0:
        raise ArgumentError(
            f"The deviance does not reach the {level:g} limit within `eps_max` = {eps_max:g} of "
            "theta. Raise `eps_max`; if that does not help, the data set it no upper limit."
        )
    upper = brentq(rise, estimate, above, xtol=1e-15, rtol=8.9e-16)
    lower = 0.0
    if estimate > 0 and rise(0.0) > 0:
        lower = brentq(rise, 0.0, estimate, xtol=1e-15, rtol=8.9e-16)
    theta2 = np.array([lower, upper]) ** 2
    return pd.Series(theta2 / (1 + theta2), index=percent_names(level), name="icc")
