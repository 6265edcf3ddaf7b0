"""A fit as three frames: its coefficients, its measures, its rows (R's broom)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from pybootmlm.checks import confidence_level, flag, one_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.hypothesis.contest import fixed_tests
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.lmm.varcorr import TermVariance

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

EFFECTS = ("fixed", "ran_pars", "ran_vals")


def tidy(
    fit: "LmerFit",
    effects: str | Sequence[str] = ("fixed", "ran_pars"),
    *,
    scales: str = "sdcor",
    ddf: str | None = "satterthwaite",
    conf_int: bool = False,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Coefficients and variance components, one a row, under broom.mixed's names.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    effects : str or sequence of str
        Of ``"fixed"``, ``"ran_pars"`` (variance components) and ``"ran_vals"`` (the conditional
        modes of every level).
    scales : {"sdcor", "vcov"}
        Variance components as standard deviations and correlations, or as variances and
        covariances.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"} or None
        How the fixed effects are tested, see `fixed_tests`; None for no tests.
    conf_int : bool
        With conf.low and conf.high: of fixed effects by the same method, of conditional modes by
        their conditional standard deviations. Variance components have none here; see `confint`.
    conf_level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Columns effect, group, (level,) term, estimate, std.error, statistic, df, p.value (and
        conf.low, conf.high); missing where a row has none.

    Raises
    ------
    ArgumentError
        An option has no meaning.
    ModelError
        Kenward and Roger's method is asked of a fit by maximum likelihood.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> bm.tidy(fit)[["effect", "group", "term", "estimate"]].round(2)
         effect     group                   term  estimate
    0     fixed       NaN            (Intercept)    251.41
    1     fixed       NaN                   Days     10.47
    2  ran_pars   Subject        sd__(Intercept)     24.74
    3  ran_pars   Subject  cor__(Intercept).Days      0.07
    4  ran_pars   Subject               sd__Days      5.92
    5  ran_pars  Residual        sd__Observation     25.59
    """
    fit = checked_fit(fit)
    asked = [effects] if isinstance(effects, str) else list(effects)
    for one in asked:
        one_of(one, "effects", EFFECTS)
    if not asked:
        raise ArgumentError(f"`effects` must name some of {', '.join(map(repr, EFFECTS))}.")
    one_of(scales, "scales", ("sdcor", "vcov"))
    level = confidence_level(conf_level, "conf_level")
    parts = []
    if "fixed" in asked:
        parts.append(_fixed(fit, ddf, level))
    if "ran_pars" in asked:
        parts.append(_components(fit, scales == "sdcor"))
    if "ran_vals" in asked:
        parts.append(_modes(fit, level))
    order = ["effect", "group", "level", "term", "estimate", "std.error", "statistic", "df"]
    order += ["p.value", "conf.low", "conf.high"] if flag(conf_int, "conf_int") else ["p.value"]
    together = pd.concat(parts, ignore_index=True)
    return together[[name for name in order if name in together.columns]]


def glance(fit: "LmerFit") -> pd.DataFrame:
    """What measures a fit as a whole, in one row, under broom.mixed's names.

    Parameters
    ----------
    fit : LmerFit
        The fit.

    Returns
    -------
    DataFrame
        nobs, sigma, logLik, AIC, BIC, REMLcrit (or deviance) and df.residual.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> bm.glance(fit).round(2)
       nobs  sigma  logLik      AIC      BIC  REMLcrit  df.residual
    0   180  25.59 -871.81  1755.63  1774.79   1743.63          174
    """
    fit = checked_fit(fit)
    values = {
        "nobs": fit.nobs,
        "sigma": fit.sigma,
        "logLik": fit.loglik,
        "AIC": fit.aic,
        "BIC": fit.bic,
        "REMLcrit" if fit.reml else "deviance": fit.criterion,
        "df.residual": fit.df_residual,
    }
    return pd.DataFrame(values, index=[0])


def augment(fit: "LmerFit") -> pd.DataFrame:
    """The rows of a fit with what it says of each, under broom.mixed's names.

    Parameters
    ----------
    fit : LmerFit
        The fit.

    Returns
    -------
    DataFrame (n, k)
        The model frame, and .fitted, .resid, .hat, .cooksd, .fixed (without the random effects),
        .mu, .offset, .sqrtXwt, .sqrtrwt, .weights and .wtres (the residual times the root of its
        weight).

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> bm.augment(fit)[["Yield", "Batch", ".fitted", ".resid", ".hat"]].head(2).round(2)
        Yield Batch  .fitted  .resid  .hat
    0  1545.0     A  1509.89   35.11  0.16
    1  1440.0     A  1509.89  -69.89  0.16
    """
    fit = checked_fit(fit)
    design = fit.design
    weights = np.ones(fit.nobs) if design.weights is None else design.weights
    offset = np.zeros(fit.nobs) if design.offset is None else design.offset
    residual = design.y - fit.mu
    hat = fit.hat
    # As in R, a row that is fitted exactly has no distance: 0/0.
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = residual * np.sqrt(weights) / fit.sigma
        cooks = standard**2 * hat / (max(1, fit.beta.size) * (1 - hat) ** 2)
    values = {
        ".fitted": fit.mu,
        ".resid": residual,
        ".hat": hat,
        ".cooksd": cooks,
        ".fixed": design.X @ fit.beta + offset,
        ".mu": fit.mu,
        ".offset": offset,
        ".sqrtXwt": np.sqrt(weights),
        ".sqrtrwt": np.sqrt(weights),
        ".weights": weights,
        ".wtres": residual * np.sqrt(weights),
    }
    return pd.concat([fit.model_frame(), pd.DataFrame(values, index=design.index)], axis=1)


def _fixed(fit: "LmerFit", ddf: str | None, level: float) -> pd.DataFrame:
    names = list(fit.labels.fixed)
    out = pd.DataFrame({"effect": "fixed", "group": np.nan, "term": names}).astype(object)
    if ddf is None:
        error = fit.std_errors.to_numpy()
        out["estimate"], out["std.error"], out["statistic"] = fit.beta, error, fit.beta / error
        df = np.full(len(names), np.inf)
    else:
        tests = fixed_tests(fit, ddf).frame
        error, df = tests["Std. Error"].to_numpy(), tests["df"].to_numpy()
        out["estimate"], out["std.error"] = fit.beta, error
        out["statistic"], out["df"] = tests["t value"].to_numpy(), df
        out["p.value"] = tests["Pr(>|t|)"].to_numpy()
    width = stdtrit(np.where(np.isinf(df), 1e300, df), (1 + level) / 2) * error
    out["conf.low"], out["conf.high"] = fit.beta - width, fit.beta + width
    return out


def _components(fit: "LmerFit", sdcor: bool) -> pd.DataFrame:
    rows = [row for term in fit.varcorr.terms for row in _term(term, sdcor)]
    residual = fit.sigma if sdcor else fit.sigma**2
    rows.append(("Residual", f"{'sd' if sdcor else 'var'}__Observation", residual))
    groups, terms, values = zip(*rows, strict=True)
    return pd.DataFrame(
        {"effect": "ran_pars", "group": groups, "term": terms, "estimate": np.array(values)}
    )


def _term(term: TermVariance, sdcor: bool) -> list[tuple[str, str, float]]:
    """The lower triangle column by column."""
    sd, cor = term.sd, term.cor
    rows = []
    for c, first in enumerate(term.names):
        size = float(sd[c] if sdcor else term.cov[c, c])
        rows.append((term.group, f"{'sd' if sdcor else 'var'}__{first}", size))
        for r in range(c + 1, len(term.names)):
            value = float(cor[r, c] if sdcor else term.cov[r, c])
            name = f"{'cor' if sdcor else 'cov'}__{first}.{term.names[r]}"
            rows.append((term.group, name, value))
    return rows


def _modes(fit: "LmerFit", level: float) -> pd.DataFrame:
    found = fit.ranef(cond_var=True).to_frame()
    width = float(ndtri((1 + level) / 2)) * found["condsd"]
    return pd.DataFrame(
        {
            "effect": "ran_vals",
            "group": found["grpvar"],
            "level": found["grp"],
            "term": found["term"],
            "estimate": found["condval"],
            "std.error": found["condsd"],
            "conf.low": found["condval"] - width,
            "conf.high": found["condval"] + width,
        }
    )
