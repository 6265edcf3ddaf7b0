"""Intervals of predictions, from draws of the effects."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import confidence_level, flag, one_of
from pybootmlm.design.row_values import RowValues
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.methods.fixed_rows import fixed_rows, weights_of_rows
from pybootmlm.methods.random_rows import RandomRows, random_rows
from pybootmlm.methods.re_form import all_effects
from pybootmlm.posterior.sim import sim
from pybootmlm.rng import RStream
from pybootmlm.rng.draws import RandomState

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


def predict_interval(
    fit: "LmerFit",
    newdata: pd.DataFrame | None = None,
    *,
    level: float = 0.8,
    nsim: int = 1000,
    stat: str = "median",
    which: str = "full",
    include_resid_var: bool = True,
    allow_new_levels: bool = False,
    weights: RowValues = None,
    offset: RowValues = None,
    rng: RandomState | None = None,
) -> pd.DataFrame:
    """Intervals of predictions by simulation, as merTools's ``predictInterval``.

    Fixed and random effects and sigma are drawn together, theta taken as known; see `sim`.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    newdata : DataFrame, optional
        New rows; those of the fit by default.
    level : float
        Share of the draws between the limits.
    nsim : int
        Number of draws.
    stat : {"median", "mean"}
        The point in the middle.
    which : {"full", "fixed", "random"}
        Which effects are summed up (the offset goes with the fixed ones).
    include_resid_var : bool
        With a new error, so that the interval is one of a new observation, not of its mean.
    allow_new_levels : bool
        Accept levels that the fit has not seen; their random effects are drawn from the population.
    weights, offset : array_like, number or column name, optional
        Of the new rows, as in `simulate` and `predict`.
    rng : int, Generator or RStream, optional
        Where the random numbers come from.

    Returns
    -------
    DataFrame (m, 3)
        fit, upr and lwr; NaN in rows with a missing variable.

    Raises
    ------
    DataError
        `newdata` lacks a column, or has levels that the fit has not seen.
    ArgumentError
        An option has no meaning.

    Notes
    -----
    merTools draws fixed and random effects as if they were independent, and takes the effects of
    new levels to be zero; the intervals here are those of their joint distribution.

    References
    ----------
    Gelman, A. and Hill, J. (2007). Data Analysis Using Regression and Multilevel/Hierarchical
    Models, section 12.8.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> data = bm.load_dataset("sleepstudy")
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", data)
    >>> found = bm.predict_interval(fit, data.head(2), level=0.9, nsim=500, rng=1)
    >>> found.columns.tolist(), bool((found["lwr"] < data["Reaction"].head(2)).all())
    (['fit', 'upr', 'lwr'], True)
    """
    fit = checked_fit(fit)
    level = confidence_level(level)
    one_of(stat, "stat", ("median", "mean"))
    one_of(which, "which", ("full", "fixed", "random"))
    with_error = flag(include_resid_var, "include_resid_var")
    allow = flag(allow_new_levels, "allow_new_levels")
    X, known = fixed_rows(fit, newdata, offset)
    rows = random_rows(fit.design, all_effects(fit.design), newdata, allow)
    row_weights = weights_of_rows(fit, newdata, weights)
    drawn = sim(fit, nsim, draw_sigma=True, rng=rng)
    ratio = drawn.sigma / fit.sigma
    normals = _Normals(rng)
    values = np.zeros((len(X), nsim))
    if which != "random":
        values += X @ drawn.fixef.to_numpy().T + known[:, None]
    if which != "fixed":
        names = [factor.name for factor in fit.design.factors]
        for part in rows:
            values += _times(fit, part, drawn.ranef[names[part.factor]], ratio, normals)
    if with_error:
        errors = drawn.sigma * normals.take((len(X), nsim))
        values += errors if row_weights is None else errors / np.sqrt(row_weights[:, None])
    lower, median, upper = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=1)
    middle = median if stat == "median" else values.mean(axis=1)
    index = fit.design.index if newdata is None else newdata.index
    return pd.DataFrame({"fit": middle, "upr": upper, "lwr": lower}, index=index)


class _Normals:
    """Standard normals beside those that drew the effects."""

    def __init__(self, rng: RandomState | None) -> None:
        if isinstance(rng, RStream | np.random.Generator):
            self.rng: RStream | np.random.Generator = rng
        else:
            seed = None if rng is None else np.random.SeedSequence(int(rng), spawn_key=(0, 0, 1))
            self.rng = np.random.default_rng(seed)

    def take(self, shape: tuple[int, ...]) -> Array:
        size = int(np.prod(shape))
        if isinstance(self.rng, RStream):
            return self.rng.rnorm(size).reshape(shape)
        return self.rng.standard_normal(shape)


def _times(
    fit: "LmerFit", rows: RandomRows, effects: Array, ratio: Array, normals: _Normals
) -> Array:
    """z'b (m, nsim) of the draws of a factor's effects (nsim, J, q)."""
    nsim, J, _ = effects.shape
    padded = np.zeros((nsim, len(rows.levels) + 1, len(rows.columns)))
    padded[:, :J] = effects[:, :, rows.columns]
    new = len(rows.levels) + 1 - J
    # Levels without data, and the missing one, have the distribution of the population.
    if (rows.codes >= J).any() or (rows.codes < 0).any():
        assert rows.term is not None
        L = fit.labels.covariance.term_matrices(fit.theta)[rows.term]
        z = normals.take((nsim, new, len(L)))
        padded[:, J:] = fit.sigma * ratio[:, None, None] * (z @ L.T)
    return np.asarray(np.einsum("mk,smk->ms", rows.Z, padded[:, rows.codes]))
