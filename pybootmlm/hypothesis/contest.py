"""Tests of linear hypotheses about the fixed effects: one by one (t), or together (F)."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, stdtr, stdtrit  # not scipy.stats: it is slow to import

from pybootmlm.checks import confidence_level, flag
from pybootmlm.exceptions import ArgumentError
from pybootmlm.hypothesis.coefficient_table import CoefficientTable
from pybootmlm.hypothesis.degrees_of_freedom import TITLES, approximation
from pybootmlm.hypothesis.restriction import Approximation, FTest, Restriction, read_restriction
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.methods.anova_table import AnovaTable

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Of the hypothesised values, relative to their size, that rows of L may contradict each other by.
CONSISTENT = 1e-8


def contest(
    fit: "LmerFit",
    L: Any,
    *,
    rhs: Any = 0.0,
    joint: bool = True,
    ddf: str = "satterthwaite",
    level: float = 0.95,
) -> AnovaTable | CoefficientTable:
    """Test linear hypotheses L beta = rhs about the fixed effects, as lmerTest's ``contest``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    L : array (m, p) or (p,), DataFrame, Series, dict or str
        A row a contrast, a weight for each fixed effect. A frame or a dict gives weights by the
        name of the fixed effect (the others get zero); a name alone stands for that fixed effect.
    rhs : float or array (m,)
        What the contrasts are compared with.
    joint : bool
        One F test of all contrasts, or a t-test and an interval of each.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
        How the denominator degrees of freedom are found. Kenward and Roger's also adjusts the
        covariance matrix, and needs a fit by REML.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    AnovaTable or CoefficientTable
        Sum Sq, Mean Sq, NumDF, DenDF, F value and Pr(>F), the sums of squares being F times
        sigma^2; or Estimate, Std. Error, df, t value, lower, upper and Pr(>|t|), a row a contrast.

    Raises
    ------
    ArgumentError
        `L`, `rhs` or an option has no meaning for this fit, or the hypotheses contradict each
        other.
    ModelError
        Kenward and Roger's method is asked of a fit by maximum likelihood.

    References
    ----------
    Kuznetsova, A., Brockhoff, P. B. and Christensen, R. H. B. (2017). lmerTest package: tests in
    linear mixed effects models. J. Stat. Softw. 82(13), section 2. Fai, A. H.-T. and Cornelius,
    P. L. (1996). J. Stat. Comput. Simul. 54, 363-378. For ``"kenward-roger"`` see `vcov_adj`.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> print(bm.contest(fit, "Days"))
      Sum Sq Mean Sq NumDF DenDF F value    Pr(>F)
    1  30031   30031     1    17  45.853 3.264e-06 ***
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    >>> bm.contest(fit, {"(Intercept)": 1, "Days": 9}, joint=False, level=0.9).frame.round(2)
       Estimate  Std. Error    df  t value   lower   upper  Pr(>|t|)
    0    345.61       14.63  17.0    23.63  320.16  371.06       0.0
    """
    fit = checked_fit(fit)
    level = confidence_level(level)
    asked = read_restriction(L, rhs, fit.labels.fixed)
    method = approximation(fit, ddf)
    if flag(joint, "joint"):
        return AnovaTable(f_frame(fit, method, [(asked.L, asked.rhs)], ["1"]), ())
    return CoefficientTable(t_frame(fit, method, asked, level), ())


def fixed_tests(fit: "LmerFit", ddf: str = "satterthwaite") -> CoefficientTable:
    """t-tests of the fixed effects, as lmerTest adds them to a summary.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
        How the degrees of freedom are found; see `contest`.

    Returns
    -------
    CoefficientTable
        A row a fixed effect: Estimate, Std. Error, df, t value, Pr(>|t|).

    Raises
    ------
    ArgumentError
        There is no such method.
    ModelError
        Kenward and Roger's method is asked of a fit by maximum likelihood.

    References
    ----------
    Kuznetsova, Brockhoff and Christensen (2017), equation 8. lmerTest differentiates numerically;
    here the derivatives are exact (with several grouping factors, the Hessian comes from
    fourth-order differences of the exact gradient).

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> print(bm.fixed_tests(fit))
    Fixed effects, t-tests use Satterthwaite's method:
                Estimate Std. Error      df t value Pr(>|t|)
    (Intercept)  251.405      6.825  17.000  36.838  < 2e-16 ***
    Days          10.467      1.546  17.000   6.771 3.26e-06 ***
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    """
    fit = checked_fit(fit)
    method = approximation(fit, ddf)
    p = fit.beta.size
    every = Restriction(fit.labels.fixed, np.eye(p), np.zeros(p))
    frame = t_frame(fit, method, every, 0.95).drop(columns=["lower", "upper"])
    return CoefficientTable(frame, (f"Fixed effects, t-tests use {TITLES[ddf]} method:",))


def t_frame(
    fit: "LmerFit", method: Approximation, asked: Restriction, level: float
) -> pd.DataFrame:
    """One t-test and one interval for each row of a restriction."""
    estimate = asked.L @ fit.beta
    error = np.sqrt(np.einsum("mp,pq,mq->m", asked.L, method.vcov, asked.L))
    df = np.array([method.df(row) if row.any() else np.nan for row in asked.L])
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (estimate - asked.rhs) / error
    return pd.DataFrame(
        {
            "Estimate": estimate,
            "Std. Error": error,
            "df": df,
            "t value": t,
            "lower": estimate - _quantile(df, level) * error,
            "upper": estimate + _quantile(df, level) * error,
            "Pr(>|t|)": 2 * stdtr(df, -np.abs(t)),
        },
        index=list(asked.names),
    )


def f_frame(
    fit: "LmerFit",
    method: Approximation,
    hypotheses: list[tuple[Array, Array]],
    names: list[str],
) -> pd.DataFrame:
    """One F test for each pair (L, rhs)."""
    found = [_f_test(fit, method, L, rhs) for L, rhs in hypotheses]
    F = np.array([one.F for one in found])
    num_df = np.array([one.num_df for one in found], dtype=float)
    den_df = np.array([one.den_df for one in found])
    scaled = F * np.array([one.scale for one in found])
    return pd.DataFrame(
        {
            "Sum Sq": F * fit.sigma**2 * num_df,
            "Mean Sq": F * fit.sigma**2,
            "NumDF": num_df,
            "DenDF": den_df,
            "F value": scaled,
            "Pr(>F)": f_tail(scaled, num_df, den_df),
        },
        index=names,
    )


def f_tail(F: Array, num_df: Array, den_df: Array) -> Array:
    """Upper tail of F; of chi-square over its degrees of freedom where those below are infinite."""
    infinite = np.isinf(den_df)
    known = np.where(infinite, 1.0, den_df)
    return np.where(infinite, chdtrc(num_df, F * num_df), fdtrc(num_df, known, np.maximum(F, 0)))


def _f_test(fit: "LmerFit", method: Approximation, L: Array, rhs: Array) -> FTest:
    if rhs.any():
        solution = np.linalg.lstsq(L, rhs, rcond=None)[0]
        if np.abs(L @ solution - rhs).max() > CONSISTENT * np.abs(rhs).max():
            raise ArgumentError(
                "the rows of `L` depend on each other and `rhs` contradicts that, so the "
                "hypotheses cannot all be true: leave some rows out, or use `joint=False`."
            )
    return method.f_test(L, L @ fit.beta - rhs)


def _quantile(df: Array, level: float) -> Array:
    upper = (1 + level) / 2
    return np.asarray(stdtrit(np.where(np.isinf(df), 1e300, df), upper))
