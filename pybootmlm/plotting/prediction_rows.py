"""Rows for which means are predicted: one variable varies, the others are held."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pybootmlm.checks import shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formula import column_names, parse_formula
from pybootmlm.formula.expression import Call, Expression

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

POINTS = 60
LEVEL_POINTS = 15  # along the line of one level
_FACTORS = ("factor", "as.factor", "ordered")


def fixed_columns(fit: "LmerFit") -> list[str]:
    """The columns of the data that the fixed effects and the offset of the formula read."""
    parsed = parse_formula(fit.formula)
    read = [*parsed.fixed.variables, *parsed.offsets]
    return list(dict.fromkeys(name for one in read for name in column_names(one)))


def is_factor(fit: "LmerFit", name: str) -> bool:
    """Whether the model has a column as a factor, by its kind or by ``factor(x)``."""
    column = fit.design.frame[name]
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return True
    return any(_makes_factor(one, name) for one in parse_formula(fit.formula).fixed.variables)


def _makes_factor(expression: Expression, name: str) -> bool:
    return (
        isinstance(expression, Call)
        and expression.function in _FACTORS
        and name in column_names(expression)
    )


def levels_of(fit: "LmerFit", name: str) -> list[Any]:
    """The values that a factor has in the rows used, in order."""
    column = fit.design.frame[name].dropna()
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = set(column)
        return [one for one in column.cat.categories if one in used]
    values: list[Any] = column.unique().tolist()
    return sorted(values)


def values_along(fit: "LmerFit", name: str) -> list[Any]:
    """Where means are predicted along a column: each level, or 60 points over its range."""
    if is_factor(fit, name):
        return levels_of(fit, name)
    column = fit.design.frame[name].astype(float)
    points: list[Any] = np.linspace(column.min(), column.max(), POINTS).tolist()
    return points


def held_values(fit: "LmerFit", at: Mapping[str, Any]) -> dict[str, Any]:
    """One value for each column: as `at` has it, else the mean, or the most frequent level.

    Raises
    ------
    ArgumentError
        `at` names a column that the fixed effects do not read.
    """
    columns = fixed_columns(fit)
    strange = [name for name in at if name not in columns]
    if strange:
        raise ArgumentError(
            f"`at` names {shown(strange)}; the fixed effects read {shown(columns, 20) or 'none'}."
        )
    held: dict[str, Any] = {}
    for name in columns:
        column = fit.design.frame[name]
        if name in at:
            held[name] = at[name]
        elif is_factor(fit, name):
            held[name] = column.value_counts(sort=True).index[0]
        else:
            held[name] = float(column.astype(float).mean())
    return held


def rows_along(
    fit: "LmerFit", name: str, values: list[Any], held: Mapping[str, Any]
) -> pd.DataFrame:
    """New data: `name` takes the values, every other column the value that it is held at."""
    frame = {}
    for column in fixed_columns(fit):
        cells = values if column == name else [held[column]] * len(values)
        dtype = fit.design.frame[column].dtype
        kept = isinstance(dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(dtype)
        frame[column] = pd.Series(cells, dtype=dtype if kept else None)
    return pd.DataFrame(frame)


def rows_of_levels(fit: "LmerFit", name: str, held: Mapping[str, Any]) -> pd.DataFrame:
    """New data: 15 rows for each level of the first grouping factor, over its own range of `name`.

    What only the random effects read is as in the level's first row.
    """
    codes = fit.design.factors[0].codes
    across = fit.design.frame[name].to_numpy(dtype=np.float64)
    by_level = pd.Series(across).groupby(codes)
    ends = by_level.agg(["min", "max"]).to_numpy()
    first = np.unique(codes, return_index=True)[1]
    steps = np.linspace(0, 1, LEVEL_POINTS)
    values = (ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * steps).ravel()
    rows = fit.design.frame.iloc[np.repeat(first, LEVEL_POINTS)].reset_index(drop=True)
    fixed = rows_along(fit, name, values.tolist(), held)
    return rows.assign(**{str(column): values for column, values in fixed.items()})
