"""Log-likelihood and Akaike's criterion, with R's options."""

from typing import TYPE_CHECKING

from pybootmlm.checks import flag, number
from pybootmlm.lmm.checked import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def log_lik(fit: "LmerFit", reml: bool | None = None) -> float:
    """Log-likelihood at the estimates, as R's ``logLik``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    reml : bool, optional
        The restricted one or not; by default the one that was maximised. The other one is taken at
        the same estimates of theta (sigma profiled out anew), nothing is refitted.

    Returns
    -------
    float
        Its degrees of freedom are ``fit.n_parameters``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> round(fit.log_lik(), 3), round(fit.log_lik(reml=False), 3)
    (-159.827, -163.702)
    """
    fit = checked_fit(fit)
    restricted = fit.reml if reml is None else flag(reml, "reml")
    return -fit.solution.minus_two_loglik(restricted) / 2


def extract_aic(fit: "LmerFit", k: float = 2.0) -> tuple[int, float]:
    """Number of parameters, and Akaike's criterion of the maximum-likelihood fit.

    As R's ``extractAIC``, which ``drop1`` and ``step`` use: a REML fit is refitted by maximum
    likelihood first, since restricted likelihoods of models with different fixed effects cannot be
    compared.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    k : float
        Penalty a parameter; ``log(n)`` gives the Bayesian criterion.

    Returns
    -------
    tuple of int and float

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> parameters, aic = fit.extract_aic()
    >>> parameters, round(aic, 3)
    (3, 333.327)
    """
    fit = checked_fit(fit)
    return fit.n_parameters, fit.refit_ml().deviance + number(k, "k") * fit.n_parameters
