"""Comparison of models, and the terms of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from pybootmlm.checks import flag
from pybootmlm.exceptions import ArgumentError, ModelError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.methods.anova_table import AnovaTable
from pybootmlm.methods.effect_tests import effect_tests

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

REFITTED = "refitting model(s) with ML (instead of REML)"


def anova(
    fit: "LmerFit",
    *others: "LmerFit",
    refit: bool = True,
    model_names: Sequence[str] | None = None,
    type: int | str | None = None,  # noqa: A002 (R's name)
    ddf: str | None = None,
) -> AnovaTable:
    r"""Compare models by likelihood-ratio tests, or test the terms of one, as lme4's ``anova``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    *others : LmerFit
        Models of the same data. Each is tested against the one before it in the order of the number
        of parameters; they should be nested.
    refit : bool
        Refit by maximum likelihood what was fitted by REML: restricted likelihoods of models with
        different fixed effects cannot be compared.
    model_names : sequence of str, optional
        One a model; ``MODEL1``, ``MODEL2``, ... by default.
    type : {1, 2, 3, "I", "II", "III"}, optional
        Of one model with `ddf`: the type of its tests, see `term_tests`; 3 by default.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}, optional
        Of one model: test its terms with denominator degrees of freedom found so, as lmerTest's
        ``anova``. Without it the table is lme4's, which has no p-values.

    Returns
    -------
    AnovaTable
        Its `frame` has a row a model, by number of parameters (npar), with AIC, BIC, logLik,
        deviance, Chisq, Df, Pr(>Chisq). Of one model alone: a row a term, with npar, the sequential
        sum of squares :math:`\sum (R_X\beta)_i^2` over its columns, their mean and the ratio of
        that to sigma^2, without a p-value, as in lme4.

    Raises
    ------
    ModelError
        The models are not of the same rows and response.
    ArgumentError
        One of the models is no fit, there are not as many names as models, or `type` or `ddf` is
        given where it has no meaning.

    References
    ----------
    Pinheiro, J. C. and Bates, D. M. (2000). Mixed-Effects Models in S and S-PLUS, section 2.4. For
    variance components the chi-square distribution is conservative: zero is on the boundary.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> data = bm.load_dataset("sleepstudy")
    >>> slopes = bm.lmer("Reaction ~ Days + (Days | Subject)", data)
    >>> intercepts = bm.lmer("Reaction ~ Days + (1 | Subject)", data)
    >>> print(bm.anova(slopes, intercepts, model_names=["slopes", "intercepts"]))
    refitting model(s) with ML (instead of REML)
    Models:
    intercepts: Reaction ~ Days + (1 | Subject)
    slopes: Reaction ~ Days + (Days | Subject)
               npar    AIC    BIC  logLik deviance  Chisq Df Pr(>Chisq)
    intercepts    4 1802.1 1814.8 -897.04   1794.1
    slopes        6 1763.9 1783.1 -875.97   1751.9 42.139  2  7.072e-10 ***
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    >>> print(slopes.anova(ddf="satterthwaite"))
    Type III Analysis of Variance Table with Satterthwaite's method
         Sum Sq Mean Sq NumDF DenDF F value    Pr(>F)
    Days  30031   30031     1    17  45.853 3.264e-06 ***
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    """
    refit = flag(refit, "refit")
    if not others:
        if model_names is not None:
            raise ArgumentError("`model_names` is for several models; got one model.")
        if ddf is not None:
            return effect_tests(ddf).terms(checked_fit(fit), 3 if type is None else type)
        if type is not None:
            raise ArgumentError(
                "`type` is of tests with degrees of freedom: give `ddf`, such as "
                '`ddf="satterthwaite"`, too.'
            )
        return _terms(checked_fit(fit))
    if ddf is not None or type is not None:
        raise ArgumentError(
            "`ddf` and `type` are for the terms of one model; several models are compared by "
            "likelihood ratios."
        )
    fits = [checked_fit(one, "others" if i else "fit") for i, one in enumerate((fit, *others))]
    names = _names(model_names, len(fits))
    same_data(fits)
    messages: list[str] = []
    if refit and any(one.reml for one in fits):
        messages.append(REFITTED)
        fits = [one.refit_ml() for one in fits]
    elif len({one.reml for one in fits if one.beta.size}) > 1:
        messages.append("some models fit with REML = TRUE, some not")
    order = sorted(range(len(fits)), key=lambda i: fits[i].n_parameters)
    fits, names = [fits[i] for i in order], [names[i] for i in order]
    heading = ("Models:", *(f"{n}: {one.formula}" for n, one in zip(names, fits, strict=True)))
    return AnovaTable(_comparison(fits, names), heading, tuple(messages))


def same_data(fits: Sequence["LmerFit"]) -> None:
    """Refuse fits that are not of the same response on the same rows."""
    first = fits[0]
    for other in fits[1:]:
        if other.nobs != first.nobs:
            raise ModelError(
                "The models were not all fitted to the same rows: "
                f"{first.nobs} of `{first.formula}`, {other.nobs} of `{other.formula}`. Missing "
                "values in a variable that only one of them uses are a usual cause: drop those "
                "rows first."
            )
        if not np.array_equal(other.design.y, first.design.y):
            raise ModelError(
                "The models were not all fitted to the same response on the same rows: "
                f"`{first.design.response}` of `{first.formula}` differs from "
                f"`{other.design.response}` of `{other.formula}`, so their likelihoods cannot be "
                "compared."
            )


def _names(given: Sequence[str] | None, count: int) -> list[str]:
    if given is None:
        return [f"MODEL{i + 1}" for i in range(count)]
    names = [given] if isinstance(given, str) else [str(name) for name in given]
    if len(names) != count or len(set(names)) < count:
        raise ArgumentError(
            f"`model_names` must hold {count} different names, one a model; got {names}."
        )
    return names


def _comparison(fits: list["LmerFit"], names: list[str]) -> pd.DataFrame:
    parameters = np.array([one.n_parameters for one in fits], dtype=float)
    loglik = np.array([one.loglik for one in fits])
    df = np.append(np.nan, np.diff(parameters))
    chisq = np.append(np.nan, 2 * np.maximum(0, np.diff(loglik)))
    tested = df > 0
    p = np.full(len(fits), np.nan)
    p[tested] = chdtrc(df[tested], chisq[tested])
    return pd.DataFrame(
        {
            "npar": parameters.astype(int),
            "AIC": [one.aic for one in fits],
            "BIC": [one.bic for one in fits],
            "logLik": loglik,
            "deviance": -2 * loglik,
            "Chisq": chisq,
            "Df": df,
            "Pr(>Chisq)": p,
        },
        index=names,
    )


def _terms(fit: "LmerFit") -> AnovaTable:
    squares = (fit.getME("RX") @ fit.beta) ** 2
    terms = fit.terms
    # A term whose columns all depend on others has none left.
    kept = [k for k in range(1, len(terms.labels) + 1) if (terms.assign == k).any()]
    df = np.array([int((terms.assign == k).sum()) for k in kept], dtype=int)
    total = np.array([squares[terms.assign == k].sum() for k in kept])
    mean = total / df
    columns = {"npar": df, "Sum Sq": total, "Mean Sq": mean, "F value": mean / fit.sigma**2}
    frame = pd.DataFrame(columns, index=[terms.labels[k - 1] for k in kept])
    return AnovaTable(frame, ("Analysis of Variance Table",))
