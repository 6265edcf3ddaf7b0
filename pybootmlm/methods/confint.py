"""Confidence intervals of all parameters of a fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pybootmlm.checks import confidence_level, flag, one_of, positive_integer
from pybootmlm.formats import percent_names
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.methods.profile import profile
from pybootmlm.methods.profiling.parameters import Parameter, chosen, parameters_of
from pybootmlm.rng.draws import RandomState

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


@dataclass(frozen=True)
class Request:
    """What is asked of a kind of interval.

    Attributes
    ----------
    fit : LmerFit
    parameters : tuple of Parameter
        Those to give limits for.
    level : float
    nsim, boot_type, rng
        See `confint`.
    """

    fit: "LmerFit"
    parameters: tuple[Parameter, ...]
    level: float
    nsim: int
    boot_type: str
    rng: RandomState | None


#: Lower and upper limits (k, 2) by method. The bootstrap, whose layer lies below, adds its own.
METHODS: dict[str, Callable[[Request], np.ndarray]] = {}


def confint(
    fit: "LmerFit",
    parm: Any = None,
    level: float = 0.95,
    *,
    method: str = "profile",
    old_names: bool = True,
    nsim: int = 500,
    boot_type: str = "perc",
    rng: RandomState | None = None,
) -> pd.DataFrame:
    """Confidence intervals of standard deviations, correlations, sigma and fixed effects.

    As lme4's ``confint``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    parm : str, int or sequence, optional
        Which parameters: names (lme4's or the readable ones), positions from 0, ``"theta_"`` (all
        of the variances) or ``"beta_"``; all by default.
    level : float
        Confidence level.
    method : {"profile", "Wald", "boot"}
        From the profile likelihood, see `profile`; from the standard errors (fixed effects only,
        NaN for the others); or from a parametric bootstrap.
    old_names : bool
        lme4's names of the rows, ``.sig01``; or readable ones, ``sd_(Intercept)|Subject``.
    nsim : int
        Replicates of the bootstrap.
    boot_type : {"perc", "basic", "norm"}
        Kind of bootstrap interval.
    rng : int, Generator or RStream, optional
        Random numbers of the bootstrap; ``RStream(1)`` gives what lme4 gives with ``seed = 1``.

    Returns
    -------
    DataFrame (k, 2)
        One row a parameter, lme4's columns.

    Raises
    ------
    ArgumentError
        There is no such parameter, or an option has no meaning.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> fit.confint(old_names=False).round(2)
                            2.5 %   97.5 %
    sd_(Intercept)|Batch    12.20    84.06
    sigma                   38.23    67.66
    (Intercept)           1486.45  1568.55
    >>> fit.confint("beta_", method="Wald").round(2)
                   2.5 %   97.5 %
    (Intercept)  1492.82  1562.18
    """
    fit = checked_fit(fit)
    one_of(method, "method", tuple(METHODS))
    one_of(boot_type, "boot_type", ("perc", "basic", "norm"))
    old_names, nsim = flag(old_names, "old_names"), positive_integer(nsim, "nsim")
    level = confidence_level(level)
    picked = tuple(chosen(parameters_of(fit, "sdcor"), parm))
    limits = METHODS[method](Request(fit, picked, level, nsim, boot_type, rng))
    names = [one.name if old_names else one.readable for one in picked]
    return pd.DataFrame(limits, index=names, columns=percent_names(level))


def _by_profile(request: Request) -> np.ndarray:
    names = [one.name for one in request.parameters]
    found = profile(request.fit, names, grid=False).confint(level=request.level)
    return found.to_numpy()


def _wald(request: Request) -> np.ndarray:
    beta, errors = request.fit.beta, request.fit.std_errors.to_numpy()
    z = ndtri([(1 - request.level) / 2, (1 + request.level) / 2])
    rows = [
        beta[one.position] + z * errors[one.position] if one.kind == "beta" else np.full(2, np.nan)
        for one in request.parameters
    ]
    return np.array(rows).reshape(-1, 2)


METHODS |= {"profile": _by_profile, "Wald": _wald}
