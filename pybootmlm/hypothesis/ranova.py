"""Likelihood-ratio tests of the random terms, dropped or thinned out one at a time."""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from pybootmlm.checks import flag
from pybootmlm.exceptions import ModelError, SingularFitWarning
from pybootmlm.formula import label, parse_formula
from pybootmlm.formula.bars import Bar
from pybootmlm.formula.update import update_formula
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.methods.anova_table import AnovaTable

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def ranova(fit: "LmerFit", *, reduce_terms: bool = True) -> AnovaTable:
    """Likelihood-ratio tests of the random terms, as lmerTest's ``ranova``.

    Models fitted by REML are compared by REML, which the same fixed effects allow.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    reduce_terms : bool
        Test the slopes of a term one by one, ``Days in (Days | Subject)``: the smaller model has
        ``(1 | Subject)``. Otherwise whole terms are dropped.

    Returns
    -------
    AnovaTable
        A row ``<none>`` for the model itself, and one a reduction: npar, logLik, AIC, LRT, Df,
        Pr(>Chisq).

    Raises
    ------
    ModelError
        A smaller model uses other rows (through missing values).
    ArgumentError
        The fit is one of resampled rows.

    Notes
    -----
    A variance of zero is on the boundary of the parameter space, where the chi-square distribution
    is conservative; `exact_rlrt` and `pb_modcomp` are not.

    References
    ----------
    Kuznetsova, A., Brockhoff, P. B. and Christensen, R. H. B. (2017). J. Stat. Softw. 82(13),
    section 2.3. Self, S. G. and Liang, K.-Y. (1987). J. Am. Stat. Assoc. 82, 605-610.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> print(bm.ranova(fit))
    ANOVA-like table for random-effects: Single term deletions
    <BLANKLINE>
    Model:
    Reaction ~ Days + (Days | Subject)
                             npar  logLik    AIC    LRT Df Pr(>Chisq)
    <none>                      6 -871.81 1755.6
    Days in (Days | Subject)    4 -893.23 1794.5 42.837  2   4.99e-10 ***
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    """
    fit = checked_fit(fit)
    parsed = parse_formula(fit.formula)
    terms = [_text(bar) for bar in parsed.bars]
    names, npar, loglik = ["<none>"], [fit.n_parameters], [fit.loglik]
    for i, bar in enumerate(parsed.bars):
        others = [text for k, text in enumerate(terms) if k != i]
        for name, smaller in _reductions(bar, flag(reduce_terms, "reduce_terms")):
            left = list(dict.fromkeys([*others, *smaller]))
            found = _without(fit, parsed.fixed_text, left)
            names.append(name)
            npar.append(found[0])
            loglik.append(found[1])
    statistic = 2 * (fit.loglik - np.array(loglik))
    df = fit.n_parameters - np.array(npar, dtype=float)
    statistic[0] = df[0] = np.nan
    p = np.full(len(df), np.nan)
    tested = df > 0
    p[tested] = chdtrc(df[tested], np.maximum(statistic[tested], 0))
    columns = {
        "npar": np.array(npar),
        "logLik": np.array(loglik),
        "AIC": 2 * (np.array(npar) - np.array(loglik)),
        "LRT": statistic,
        "Df": df,
        "Pr(>Chisq)": p,
    }
    written = " + ".join([parsed.fixed_text, *(f"({text})" for text in terms)])
    formula = update_formula(fit.formula, written)
    title = "ANOVA-like table for random-effects: Single term deletions"
    return AnovaTable(pd.DataFrame(columns, index=names), (title, "", "Model:", formula))


def _text(bar: Bar, drop: tuple[int, ...] | None = None) -> str:
    """What stands in the parentheses, without one of its terms; ``1`` where none is left."""
    names = [
        ":".join(label(bar.terms.variables[i]) for i in term)
        for term in bar.terms.terms
        if term != drop
    ]
    left = names if bar.terms.intercept and names else ["0", *names] if names else ["1"]
    return f"{' + '.join(left)} | {bar.grouping.code}"


def _reductions(bar: Bar, reduce_terms: bool) -> list[tuple[str, list[str]]]:
    """Names of the tests of a term, and what stays of it."""
    whole = _text(bar)
    inside = [any(set(term) < set(other) for other in bar.terms.terms) for term in bar.terms.terms]
    scope = [term for term, within in zip(bar.terms.terms, inside, strict=True) if not within]
    if not reduce_terms or not scope:
        return [(f"({whole})", [])]
    return [
        (
            ":".join(label(bar.terms.variables[i]) for i in term) + f" in ({whole})",
            [_text(bar, drop=term)],
        )
        for term in scope
    ]


def _without(fit: "LmerFit", fixed: str, terms: list[str]) -> tuple[int, float]:
    """Number of parameters and log-likelihood of the model with these random terms only."""
    if not terms:
        linear = fit.at_theta(np.zeros(fit.theta.size))
        return fit.beta.size + 1, linear.loglik
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        smaller = fit.update(" + ".join([fixed, *(f"({text})" for text in terms)]))
    if smaller.nobs != fit.nobs:
        raise ModelError(
            f"Without one of its random terms the model uses {smaller.nobs} rows instead of "
            f"{fit.nobs}: a variable has missing values. Drop those rows before you fit."
        )
    return smaller.n_parameters, smaller.loglik
