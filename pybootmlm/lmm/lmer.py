"""Fit a linear mixed model."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from pybootmlm.checks import flag
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.call import Call
from pybootmlm.lmm.control import LmerControl
from pybootmlm.lmm.fit import LmerFit


def lmer(
    formula: str,
    data: pd.DataFrame,
    *,
    reml: bool = True,
    weights: ArrayLike | str | None = None,
    offset: ArrayLike | str | None = None,
    contrasts: Mapping[str, Any] | None = None,
    na_action: str = "omit",
    start: ArrayLike | None = None,
    control: LmerControl | None = None,
) -> LmerFit:
    r"""Fit a linear mixed model, as R's ``lme4::lmer``.

    The model is :math:`y = X\beta + Z\Lambda u + e` with :math:`u \sim N(0, \sigma^2 I)` and
    :math:`e \sim N(0, \sigma^2 W^{-1})`. The profiled deviance or REML criterion, a function of
    theta alone, is minimised by Newton's method from exact derivatives.

    Parameters
    ----------
    formula : str
        An lme4 formula, such as ``"Reaction ~ Days + (Days | Subject)"``. Random terms may have
        the covariance structures of lme4 2: ``us(x | g)`` (the default), ``diag(x | g)``,
        ``cs(x | g)``, ``ar1(0 + f | g)``, each but the first with ``hom = TRUE`` or ``FALSE``.
    data : DataFrame
        The variables. Categorical, string and boolean columns are factors; ordered categoricals
        get polynomial contrasts.
    reml : bool
        Restricted maximum likelihood, or maximum likelihood.
    weights : array_like (n,) or column name, optional
        Prior weights, positive: the variance of a row is sigma^2 divided by its weight.
    offset : array_like (n,) or column name, optional
        Known part of the mean, added to any ``offset()`` in the formula.
    contrasts : mapping, optional
        Column to ``"contr.treatment"``, ``"contr.sum"``, ``"contr.helmert"``, ``"contr.poly"`` or a
        contrast matrix.
    na_action : {"omit", "exclude", "fail"}
        Rows with a missing value are dropped; or dropped, and shown as NaN in what is reported
        by row; or refused.
    start : array_like (t,), optional
        A theta to start from, besides the built-in starts; of a structured term the relative
        standard deviations and the correlation, as ``getME("par")`` has them.
    control : LmerControl, optional
        When the optimiser stops, and which models are refused.

    Returns
    -------
    LmerFit
        The fit, a frozen value.

    Raises
    ------
    FormulaError
        The formula cannot be read, or has no random term.
    DataError
        A variable is missing or unusable.
    ModelError
        The data cannot identify the model.
    ArgumentError
        An option has no meaning.

    Warns
    -----
    RankDeficiencyWarning
        Columns of X depend on others and were dropped.
    SingularFitWarning
        The optimum is on the boundary: a variance is zero or a correlation is one.
    ConvergenceWarning
        The optimiser gave up.

    References
    ----------
    Bates, D., Mächler, M., Bolker, B. and Walker, S. (2015). Fitting linear mixed-effects models
    using lme4. Journal of Statistical Software 67(1), equations 34 (deviance) and 41 (REML).

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> fit.fixef.round(1).to_dict()
    {'(Intercept)': 1527.5}
    >>> print(fit.varcorr)
    Groups   Name        Std.Dev.
    Batch    (Intercept) 37.26
    Residual             49.51
    >>> sleep = bm.load_dataset("sleepstudy")
    >>> print(bm.lmer("Reaction ~ Days + ar1(0 + factor(Days) | Subject)", sleep).varcorr)
    Groups   Name          Std.Dev. Corr
    Subject  factor(Days)0 47.34    0.883 (ar1)
    Residual               15.13
    """
    reml = flag(reml, "reml")
    if not isinstance(control, LmerControl | None):
        raise ArgumentError(f"`control` must be an LmerControl; got {type(control).__name__}.")
    return LmerFit.from_call(
        Call(
            formula=formula,
            # Columns added to the caller's frame later, or replaced there, do not matter here.
            data=data.copy(deep=False) if isinstance(data, pd.DataFrame) else data,
            reml=reml,
            weights=weights,
            offset=offset,
            contrasts=contrasts,
            na_action=na_action,
            start=start,
            control=control or LmerControl(),
        )
    )
