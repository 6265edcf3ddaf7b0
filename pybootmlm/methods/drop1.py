"""What each term of the fixed effects contributes: the model without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from pybootmlm.checks import number, one_of, shown
from pybootmlm.exceptions import ArgumentError, ModelError
from pybootmlm.formula import label, parse_formula
from pybootmlm.formula.update import update_formula
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.methods.anova_table import AnovaTable

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def drop1(
    fit: "LmerFit",
    scope: str | Sequence[str] | None = None,
    *,
    test: str = "none",
    k: float = 2.0,
) -> AnovaTable:
    """Drop terms of the fixed effects one at a time, as R's ``drop1``.

    All models are fitted by maximum likelihood.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    scope : str or sequence of str, optional
        The terms to drop: their labels, or a formula such as ``"~ recipe + temp"``. By default
        those that no other term contains (an interaction, but not its main effects).
    test : {"none", "Chisq"}
        Whether to add the likelihood-ratio test (LRT and its p-value).
    k : float
        Penalty a parameter in the column AIC.

    Returns
    -------
    AnovaTable
        A row ``<none>`` for the model itself, and one a term: npar, the parameters it takes away;
        AIC without it; LRT, Pr(Chi).

    Raises
    ------
    ArgumentError
        `scope` has a term that the model has not, or an option has no meaning.
    ModelError
        The model without a term has other rows (through missing values).

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> print(fit.drop1(test="Chisq"))
    Single term deletions
    <BLANKLINE>
    Model:
    Reaction ~ Days + (Days | Subject)
           npar    AIC    LRT   Pr(Chi)
    <none>      1763.9
    Days      1 1785.5 23.537 1.226e-06 ***
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    """
    fit = checked_fit(fit)
    one_of(test, "test", ("none", "Chisq"))
    penalty = number(k, "k")
    names = _scope(fit, scope)
    whole = fit.refit_ml()
    models = [whole]
    for name in names:
        smaller = fit.update(f". ~ . - {name}", reml=False)
        if smaller.nobs != whole.nobs:
            raise ModelError(
                f"Without `{name}` the model uses {smaller.nobs} rows instead of {whole.nobs}: it "
                "has missing values. Drop those rows before you fit."
            )
        models.append(smaller)
    deviance = np.array([one.deviance for one in models])
    parameters = np.array([one.n_parameters for one in models], dtype=float)
    df = np.append(np.nan, parameters[0] - parameters[1:])
    columns = {"npar": df, "AIC": deviance + penalty * parameters}
    if test == "Chisq":
        statistic = np.append(np.nan, deviance[1:] - deviance[0])
        p = np.full(len(df), np.nan)
        tested = df > 0
        p[tested] = chdtrc(df[tested], np.maximum(statistic[tested], 0))
        columns |= {"LRT": statistic, "Pr(Chi)": p}
    frame = pd.DataFrame(columns, index=["<none>", *names])
    return AnovaTable(frame, ("Single term deletions", "", "Model:", fit.formula))


def _scope(fit: "LmerFit", scope: str | Sequence[str] | None) -> list[str]:
    """Labels of the terms to drop."""
    known = list(fit.terms.labels)
    if scope is None:
        variables = [set(term) for term in fit.design.fixed_spec.terms]
        inside = [any(one < other for other in variables) for one in variables]
        return [name for name, contained in zip(known, inside, strict=True) if not contained]
    if isinstance(scope, str) and "~" in scope:
        # Random terms do not matter here, but a formula needs one.
        fixed = parse_formula(update_formula(fit.formula, f"{scope} + (1 | ANY)")).fixed
        names = [":".join(label(fixed.variables[i]) for i in term) for term in fixed.terms]
    else:
        names = [scope] if isinstance(scope, str) else [str(name) for name in scope]
    strange = [name for name in names if name not in known]
    if strange:
        raise ArgumentError(
            f"`scope` has {shown([f'`{name}`' for name in strange])}, which is no term of the "
            f"model; its terms are {shown([f'`{name}`' for name in known], 20)}."
        )
    return names
