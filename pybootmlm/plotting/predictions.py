"""Predicted means along one variable, with bands, over the data."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import confidence_level, flag
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.choice import chosen
from pybootmlm.plotting.prediction_rows import (
    LEVEL_POINTS,
    fixed_columns,
    held_values,
    is_factor,
    levels_of,
    rows_along,
    rows_of_levels,
    values_along,
)
from pybootmlm.plotting.style import (
    BAND,
    FAINT,
    LABELS,
    SERIES,
    axes_for,
    cut,
    cut_all,
    plain,
    points_style,
)
from pybootmlm.rng.inversion import normal_quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


def predictions(
    fit: "LmerFit",
    x: str,
    *,
    by: str | None = None,
    at: Mapping[str, Any] | None = None,
    levels: bool = False,
    points: bool = True,
    level: float = 0.95,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw predicted means along a variable, with bands of the fixed effects' uncertainty.

    The means are those of the population (`predict` with ``re_form="~0"``), the bands plus and
    minus normal quantiles of their standard errors. The other variables are held: numbers at their
    mean, factors at the level that most rows have; `at` holds them elsewhere.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    x : str
        A column of the data that the fixed effects read. Of a factor, each level has a point with
        an interval.
    by : str, optional
        A factor: one line for each of its levels (at most eight).
    at : mapping, optional
        Values at which other columns are held.
    levels : bool
        With the predicted means of each level of the first grouping factor, over its own rows'
        range of `x`.
    points : bool
        With the data.
    level : float
        Coverage of the bands.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        `x`, `by` or a name in `at` is no column that the fixed effects read; `by` is no factor, or
        has more than eight levels.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> ax = bm.plotting.predictions(fit, "Days", levels=True)
    >>> ax.get_xlabel(), ax.get_ylabel(), ax.get_title()
    ('Days', 'Reaction', 'Predicted mean, 95% band')
    """
    fit = checked_fit(fit)
    z = float(normal_quantile(np.array([0.5 + confidence_level(level) / 2]))[0])
    columns = fixed_columns(fit)
    chosen(columns, x, "x")
    series = [None] if by is None else _series(fit, columns, by)
    held = held_values(fit, at or {})
    values = values_along(fit, x)
    stepped = is_factor(fit, x)
    ax = axes_for(ax, 6.5, 4.4)
    if flag(points, "points"):
        _points(ax, fit, x, values, stepped)
    if flag(levels, "levels") and not stepped:
        _level_lines(ax, fit, x, rows_of_levels(fit, x, held))
    for k, one in enumerate(series):
        rows = rows_along(fit, x, values, held if by is None else {**held, by: one})
        found = fit.predict(rows, re_form="~0", se_fit=True, offset=_offset(fit))
        assert isinstance(found, pd.DataFrame)
        mean, error = found["fit"].to_numpy(), z * found["se_fit"].to_numpy()
        label = None if one is None else plain(f"{by} = {cut(one)}")
        if stepped:
            beside = 0.0 if by is None else 0.7 * ((k + 0.5) / len(series) - 0.5)
            places = np.arange(len(values)) + beside
            ax.errorbar(places, mean, error, fmt="o", color=SERIES[k], capsize=3, label=label)
        else:
            low, high = mean - error, mean + error
            ax.fill_between(values, low, high, color=SERIES[k], alpha=BAND, linewidth=0)
            ax.plot(values, mean, color=SERIES[k], linewidth=1.8, label=label)
    if stepped:
        _label_steps(ax, values)
    ax.set(
        xlabel=plain(x),
        ylabel=plain(fit.design.response),
        title=f"Predicted mean, {100 * level:g}% {'intervals' if stepped else 'band'}",
    )
    if by is not None:
        ax.legend(frameon=False, fontsize=8)
    return ax


def _series(fit: "LmerFit", columns: list[str], by: str) -> list[Any]:
    chosen(columns, by, "by")
    if not is_factor(fit, by):
        raise ArgumentError(f"`by` must be a factor; `{by}` is a number. Give it as `x`.")
    found = levels_of(fit, by)
    if len(found) > len(SERIES):
        raise ArgumentError(
            f"`by` may have {len(SERIES)} levels, which eyes tell apart; `{by}` has {len(found)}. "
            "Give it as `x`."
        )
    return found


def _points(ax: "Axes", fit: "LmerFit", x: str, values: list[Any], stepped: bool) -> None:
    column = fit.design.frame[x]
    if stepped:
        place = {value: k for k, value in enumerate(values)}
        # Side by side in a fixed pattern: a picture is the same every time.
        beside = 0.3 * (np.arange(len(column)) * 0.618034 % 1 - 0.5)
        across = np.array([place[value] for value in column]) + beside
    else:
        across = column.to_numpy(dtype=np.float64)
    ax.plot(across, fit.design.y, "o", color=FAINT, linestyle="none", **points_style(len(across)))


def _level_lines(ax: "Axes", fit: "LmerFit", x: str, rows: pd.DataFrame) -> None:
    """Each level's predicted means over its own range of x, as one line with gaps."""
    found = fit.predict(rows, offset=_offset(fit))
    assert isinstance(found, pd.Series)
    shape = (-1, LEVEL_POINTS)
    gap = np.full((len(rows) // LEVEL_POINTS, 1), np.nan)
    across = np.hstack([rows[x].to_numpy(dtype=np.float64).reshape(shape), gap])
    means = np.hstack([found.to_numpy().reshape(shape), gap])
    alpha = float(np.clip(6 / np.sqrt(len(gap)), 0.1, 0.7))
    ax.plot(across.ravel(), means.ravel(), color=FAINT, linewidth=0.7, alpha=alpha)


def _offset(fit: "LmerFit") -> float | None:
    """The mean of the offset that was given beside the formula."""
    given = fit.design.given_offset
    return None if given is None else float(given.mean())


def _label_steps(ax: "Axes", values: list[Any]) -> None:
    places = np.arange(0, len(values), -(-len(values) // LABELS))
    labels = cut_all(values)
    texts = [plain(labels[i]) for i in places]
    leaning = sum(map(len, texts)) > 60
    ax.set_xticks(
        places, texts, rotation=60 if leaning else 0, ha="right" if leaning else "center",
        rotation_mode="anchor", fontsize=8,
    )  # fmt: skip
