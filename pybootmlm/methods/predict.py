"""Predictions, for the rows of the fit or new ones, and how sure they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import flag
from pybootmlm.design.row_values import RowValues
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.methods.fixed_rows import fixed_rows
from pybootmlm.methods.parameters import Parameters, parameters
from pybootmlm.methods.random_rows import RandomRows, random_rows
from pybootmlm.methods.re_form import chosen_effects

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


def predict(
    fit: "LmerFit",
    newdata: pd.DataFrame | None = None,
    *,
    re_form: Any = None,
    random_only: bool = False,
    allow_new_levels: bool = False,
    se_fit: bool = False,
    offset: RowValues = None,
    newparams: Mapping[str, Any] | None = None,
) -> pd.Series | pd.DataFrame:
    r"""Predict the mean of the response, as lme4's ``predict``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    newdata : DataFrame, optional
        New rows; those of the fit by default.
    re_form : str or None
        Which random effects to add: None, all; ``"~0"`` or NA, none; or a formula of random terms
        of the model, such as ``"~ (1 | Subject)"``.
    random_only : bool
        Leave out the fixed effects (and the offset).
    allow_new_levels : bool
        Accept levels that the fit has not seen, and missing ones; their random effects are zero.
    se_fit : bool
        With standard errors.
    offset : array_like, number or column name, optional
        Offset of the new rows, beside any ``offset()`` in the formula, which is evaluated on
        `newdata`. Needed where `lmer` was given one that is not a column of `newdata`. (lme4 leaves
        the offset out of predictions for new rows without a word.)
    newparams : mapping, optional
        Some of ``theta``, ``beta`` and ``sigma``, in place of the estimates. The random effects are
        the conditional modes at these parameters. Arrays are in the order of the fit; a Series or
        dict is matched by its labels.

    Returns
    -------
    Series (m,) or DataFrame (m, 2)
        Predictions, indexed like the rows; with `se_fit` the columns ``fit`` and ``se_fit``. A row
        with a missing variable is NaN.

    Raises
    ------
    DataError
        `newdata` lacks a column, or has levels that the fit has not seen.
    ArgumentError
        An option has no meaning for this fit.

    Notes
    -----
    The standard error is that of the error of prediction of :math:`x'\beta + z'b`, the random
    effects being random and theta and sigma taken as known:

    .. math::
        \operatorname{se}^2 = \sigma^2\,[\,z'\Lambda\Omega^{-1}\Lambda'z
        + (x - K'z)'(X'V^{-1}X)^{-1}(x - K'z)\,],\quad K = \Lambda\Omega^{-1}\Lambda'Z'WX

    with :math:`\Omega = \Lambda'Z'WZ\Lambda + I` (Henderson's mixed-model equations). It is the
    definition of lme4 from version 1.1-35 on, which however is wrong wherever its sparse
    factor is permuted (crossed and nested factors, ``||``), and an error where `newdata` does not
    hold all levels. For a level that is new :math:`z'\Lambda\Lambda'z` takes the place of
    the first term, and nothing of K: its effect is as uncertain as the model says.

    Examples
    --------
    >>> import pandas as pd
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> new = pd.DataFrame({"Days": [10, 10], "Subject": ["308", "nobody"]})
    >>> fit.predict(new, allow_new_levels=True, se_fit=True).round(2)
          fit  se_fit
    0  450.33   15.85
    1  356.08   67.59
    >>> fit.predict(new, re_form="~0").round(2).tolist()
    [356.08, 356.08]
    """
    fit = checked_fit(fit)
    random_only, se_fit = flag(random_only, "random_only"), flag(se_fit, "se_fit")
    allow = flag(allow_new_levels, "allow_new_levels")
    at = parameters(fit, newparams)
    effects = chosen_effects(fit.design, re_form)
    rows = random_rows(fit.design, effects, newdata, allow)
    if random_only:
        X = np.zeros((fit.nobs if newdata is None else len(newdata), fit.beta.size))
        mean = np.zeros(len(X))
    else:
        X, known = fixed_rows(fit, newdata, offset)
        mean = X @ at.beta + known
    for part in rows:
        mean = mean + part.times(at.b[part.factor])
    columns = {"fit": mean}
    if se_fit:
        columns["se_fit"] = standard_errors(fit, X, rows, at)
    if newdata is None:
        found = pd.DataFrame({name: fit.by_row(v, name) for name, v in columns.items()})
    else:
        found = pd.DataFrame(columns, index=newdata.index)
    return found if se_fit else found["fit"]


def standard_errors(
    fit: "LmerFit", X: Array, rows: tuple[RandomRows, ...], at: Parameters
) -> Array:
    """Standard errors (m,) of x'beta + z'b; see `predict`."""
    problem, coordinates, theta = fit.model.problem, fit.model.coordinates, at.theta
    K = [k @ coordinates.R for k in problem.effects_of(theta, coordinates.Q)]
    codes, Z, extra = _by_factor(fit, rows, theta, len(X))
    left = X.copy()
    for f, k in enumerate(K):
        padded = np.concatenate([k, np.zeros((1, *k.shape[1:]))])
        left -= np.einsum("mq,mqp->mp", Z[f], padded[codes[f]])
    root = fit.at_theta(theta).solution.RX_inverse
    # A row with a missing variable has no standard error; its NaN must not reach the solver.
    known = np.isfinite(left).all(axis=1) & np.isfinite(extra)
    random = np.full(len(X), np.nan)
    random[known] = problem.effect_variances(
        theta, tuple(c[known] for c in codes), tuple(z[known] for z in Z)
    )
    variance = random + extra + ((left @ root) ** 2).sum(axis=1)
    return np.asarray(at.sigma * np.sqrt(variance))


def _by_factor(
    fit: "LmerFit", rows: tuple[RandomRows, ...], theta: Array, m: int
) -> tuple[tuple[NDArray[np.intp], ...], tuple[Array, ...], Array]:
    """Levels (-1 for a new one) and rows (m, q) of all effects, and z'SS'z of new levels (m,)."""
    codes, Zs, extra = [], [], np.zeros(m)
    for f, (factor, covariance) in enumerate(
        zip(fit.design.factors, fit.labels.covariance.factors, strict=True)
    ):
        Z, code = np.zeros((m, covariance.size)), np.full(m, -1, np.intp)
        J = len(factor.levels)
        for part in rows:
            if part.factor == f:
                Z[:, part.columns] = part.Z
                code = np.where(part.codes < J, part.codes, -1)
                new = ~((part.codes >= 0) & (part.codes < J))
        codes.append(code)
        Zs.append(Z)
        if any(part.factor == f for part in rows):
            spread = Z @ covariance.Lambda(theta[:, None])[..., 0]
            extra = extra + np.where(new, (spread**2).sum(axis=1), 0.0)
    return tuple(codes), tuple(Zs), extra
