"""Ready-made statistics of a fit, for bootstraps and influence values.

Each takes a fit or a refit and returns numbers by name.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.names import component_names

Array = NDArray[np.float64]


def fixef(fit: Any) -> dict[str, float]:
    """Fixed effects.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> round(bm.statistics.fixef(fit)["(Intercept)"], 1)
    1527.5
    """
    return dict(zip(fit.labels.fixed, fit.beta.tolist(), strict=True))


def sigma(fit: Any) -> dict[str, float]:
    """Residual standard deviation.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> round(bm.statistics.sigma(fit)["sigma"], 3)
    49.51
    """
    return {"sigma": fit.sigma}


def theta(fit: Any) -> dict[str, float]:
    """Relative covariance parameters, named ``theta1``, ``theta2``, ...

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> round(bm.statistics.theta(fit)["theta1"], 4)
    0.8483
    """
    return {f"theta{i + 1}": float(value) for i, value in enumerate(fit.theta)}


def var_corr_sd(fit: Any) -> dict[str, float]:
    """Standard deviations, correlations and sigma, in the order of theta.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> {name: round(value, 2) for name, value in bm.statistics.var_corr_sd(fit).items()}
    {'sd_(Intercept)|Batch': 42.0, 'sigma': 49.51}
    """
    out = _components(fit, sd_cor=True)
    return dict(zip(component_names(fit.labels, sd_cor=True), [*out, fit.sigma], strict=True))


def var_corr_var(fit: Any) -> dict[str, float]:
    """Variances, covariances and sigma squared, in the order of theta.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> {name: round(value, 1) for name, value in bm.statistics.var_corr_var(fit).items()}
    {'var_(Intercept)|Batch': 1764.0, 'sigma2': 2451.3}
    """
    out = _components(fit, sd_cor=False)
    names = component_names(fit.labels, sd_cor=False)
    return dict(zip(names, map(float, [*out, fit.sigma**2]), strict=True))


def _components(fit: Any, sd_cor: bool) -> list[float]:
    """Of all terms, in the order of theta."""
    out: list[float] = []
    for term, template in zip(fit.varcorr.terms, fit.labels.covariance.templates, strict=True):
        out += map(float, template.components(term.cov, sd_cor))
    return out


def icc(fit: Any) -> dict[str, float]:
    r"""Intraclass correlation: a random intercept's share of the total variance.

    With one random intercept this is :math:`1/(1 + \theta^{-2})`; with several, each one's share,
    named after its grouping factor.

    Raises
    ------
    ArgumentError
        The model has random slopes, whose variance depends on the covariate; see `r2`.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> round(bm.statistics.icc(fit)["icc"], 4)
    0.4185
    """
    terms, groups = fit.labels.terms, fit.labels.groups
    if any(names != ("(Intercept)",) for names in terms) or len(set(groups)) < len(groups):
        raise ArgumentError(
            "`icc` needs random intercepts only: with random slopes the share of the clusters in "
            "the variance changes with the covariate. Use `r2`, or a statistic of your own."
        )
    variances = fit.theta**2
    shares = variances / (1 + variances.sum())
    if len(terms) == 1:
        return {"icc": float(shares[0])}
    return {f"icc|{group}": float(s) for group, s in zip(groups, shares, strict=True)}


def r2(fit: Any) -> dict[str, float]:
    r"""Marginal and conditional R squared of Nakagawa and Schielzeth.

    The share of the fixed effects, and of the fixed and random effects together, in
    :math:`\operatorname{var}(X\beta) + \sum_t \operatorname{mean}_i(z_i'\Sigma_t z_i) + \sigma^2`.

    References
    ----------
    Nakagawa, S. and Schielzeth, H. (2013). Methods in Ecology and Evolution 4, equations 26 and
    30; Johnson, P. C. D. (2014). Methods in Ecology and Evolution 5, equation 10 (random slopes).
    As MuMIn's r.squaredGLMM.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> {name: round(value, 4) for name, value in bm.statistics.r2(fit).items()}
    {'r2_marginal': 0.2787, 'r2_conditional': 0.7992}
    """
    X_covariance, means = fit.predictor_moments
    fixed = float(fit.beta @ X_covariance @ fit.beta)
    s2, random = fit.sigma**2, 0.0
    for L, mean in zip(fit.labels.covariance.term_matrices(fit.theta), means, strict=True):
        random += s2 * float(np.sum((L @ L.T) * mean))
    total = fixed + random + s2
    return {"r2_marginal": fixed / total, "r2_conditional": (fixed + random) / total}


STATISTICS: Mapping[str, Callable[[Any], Any]] = {
    function.__name__: function
    for function in (fixef, sigma, theta, var_corr_sd, var_corr_var, icc, r2)
}


def resolve_statistic(statistic: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The ready-made statistic of that name, or the function itself.

    Raises
    ------
    ArgumentError
        There is none of that name, or it is no function.
    """
    if isinstance(statistic, str):
        if statistic in STATISTICS:
            return STATISTICS[statistic]
        known = ", ".join(map(repr, STATISTICS))
        raise ArgumentError(f"`statistic` must be a function or one of {known}; got {statistic!r}.")
    if not callable(statistic):
        raise ArgumentError(
            f"`statistic` must be a function of a fit; got {type(statistic).__name__}."
        )
    return statistic
