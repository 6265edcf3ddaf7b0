"""The model frame: every variable of a formula evaluated, rows with missing values set aside."""

import difflib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import counted, one_of, shown
from pybootmlm.design.columns import Column, FactorColumn, NumericColumn, read_column
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.design.row_values import RowValues, read_row_values
from pybootmlm.design.transforms import State
from pybootmlm.exceptions import DataError, PybootmlmWarning
from pybootmlm.formula import Expression, ModelFormula, column_names, label
from pybootmlm.formula.expression import quoted

NA_ACTIONS = ("omit", "exclude", "fail")


@dataclass(frozen=True, eq=False)
class ModelFrame:
    """
    The variables of a model on the rows that are used.

    Attributes
    ----------
    y : ndarray, shape (n,)
    columns : dict of Expression to Column
        Predictors and grouping variables, unused levels dropped.
    weights, offset : ndarray of shape (n,) or None
    given_offset : ndarray of shape (n,) or None
        The part of the offset that is not in the formula.
    kept : ndarray of intp, shape (n,)
        Positions of the rows used.
    n_total : int
    raw : DataFrame
        The data columns that the model reads, rows used, as they came.
    states : dict
        What ``poly()`` and ``scale()`` learned.
    """

    y: NDArray[np.float64]
    columns: Mapping[Expression, Column]
    weights: NDArray[np.float64] | None
    offset: NDArray[np.float64] | None
    given_offset: NDArray[np.float64] | None
    kept: NDArray[np.intp]
    n_total: int
    raw: pd.DataFrame
    states: Mapping[str, State]


def model_frame(
    formula: ModelFormula,
    data: pd.DataFrame,
    weights: RowValues,
    offset: RowValues,
    na_action: str,
    states: Mapping[str, State] | None = None,
) -> ModelFrame:
    """
    Evaluate what a formula names, and keep the rows that are complete.

    As in R, functions such as ``scale()`` see all rows, also those that another variable's
    missing value will remove. What they learned from other rows still comes as `states`.
    """
    one_of(na_action, "na_action", NA_ACTIONS)
    check_data(data, formula.columns)
    columns = {name: read_column(data[name], name) for name in formula.columns}
    evaluator = Evaluator(columns, states)
    values = {expression: evaluator.column(expression) for expression in formula.expressions}
    response = _response(formula, values[formula.response])
    prior = read_row_values(weights, data, "weights")
    shift = given = read_row_values(offset, data, "offset")
    for expression in formula.offsets:
        addend = one_number_per_row(expression, values[expression])
        shift = addend if shift is None else shift + addend

    _warn_undefined(values, columns, data.index)
    missing = {label(e): v.missing for e, v in values.items()}
    missing |= {"weights": np.isnan(prior)} if prior is not None else {}
    missing |= {"offset": np.isnan(shift)} if shift is not None else {}
    kept = _complete_rows(missing, data.index, na_action)
    _check_finite(formula, values, response, shift, kept, data.index)
    whole = len(kept) == len(data)
    needed = dict.fromkeys(formula.fixed.variables)
    for bar in formula.bars:
        needed |= dict.fromkeys((*bar.terms.variables, *bar.grouping.variables))
    used: dict[Expression, Column] = {}
    for expression in needed:
        column = values[expression] if whole else values[expression].rows(kept)
        used[expression] = column.without_unused() if isinstance(column, FactorColumn) else column
    extra = [v for v in (weights, offset) if isinstance(v, str) and v not in formula.columns]
    raw = data[[*formula.columns, *dict.fromkeys(extra)]]
    return ModelFrame(
        y=response[kept],
        columns=used,
        weights=_positive_weights(prior, kept, data.index),
        offset=None if shift is None else shift[kept],
        given_offset=None if given is None else given[kept],
        kept=kept,
        n_total=len(data),
        raw=raw if whole else raw.iloc[kept],
        states=evaluator.states,
    )


def check_data(data: Any, names: tuple[str, ...], argument: str = "data") -> None:
    """Refuse data that are not a DataFrame with rows, holding each of `names` once."""
    if not isinstance(data, pd.DataFrame):
        kind, how = type(data).__name__, "pandas.DataFrame(data) makes one from a dict or an array"
        if callable(getattr(data, "to_pandas", None)):  # Polars, Arrow, DuckDB
            kind = f"a {kind} of {type(data).__module__.partition('.')[0]}"
            how = f"give `{argument}.to_pandas()`"
        raise DataError(f"`{argument}` must be a pandas DataFrame; got {kind}. {how}")
    if len(data) == 0:
        raise DataError(f"`{argument}` has no rows")
    present = list(data.columns)
    for name in names:
        count = present.count(name)
        if count > 1:
            raise DataError(
                f"column `{name}` occurs {count} times in `{argument}`: rename or drop the others"
            )
        if count == 0:
            texts = [str(column) for column in present]
            close = difflib.get_close_matches(name, texts, n=3, cutoff=0.6)
            lower = [text for text in texts if text.lower() == name.lower()]
            hint = " or ".join(f"`{text}`" for text in dict.fromkeys(lower + close))
            raise DataError(
                f"`{argument}` has no column `{name}`: "
                + (f"did you mean {hint}? " if hint else "")
                + f"The columns are {shown(texts, 20)}"
            )


def one_number_per_row(expression: Expression, column: Column) -> NDArray[np.float64]:
    """Return a numeric or logical variable as floats; anything else cannot stand here."""
    if isinstance(column, FactorColumn) and column.logical:
        return np.where(column.codes < 0, np.nan, column.codes).astype(np.float64)
    if isinstance(column, FactorColumn) or column.values.shape[1] != 1:
        kind = "categorical" if isinstance(column, FactorColumn) else "a matrix"
        raise DataError(f"`{label(expression)}` must be numeric, one number per row; it is {kind}")
    return column.values[:, 0]


def _response(formula: ModelFormula, column: Column) -> NDArray[np.float64]:
    try:
        return one_number_per_row(formula.response, column)
    except DataError as error:
        raise DataError(f"the response {error}") from None


def _warn_undefined(
    values: Mapping[Expression, Column], columns: Mapping[str, Column], index: "pd.Index[Any]"
) -> None:
    """Say where a function has no value although its columns do, as log(-1): R drops the row."""
    for expression, column in values.items():
        names = column_names(expression)
        if label(expression) in (quoted(name) for name in names):
            continue
        undefined = column.missing & ~np.logical_or.reduce([columns[n].missing for n in names])
        if undefined.any():
            warnings.warn(
                f"`{label(expression)}` is not defined in {counted(int(undefined.sum()), 'row')} "
                f"(first: {shown(list(index[undefined]))}); they count as missing",
                PybootmlmWarning,
                stacklevel=4,
            )


def _complete_rows(
    missing: Mapping[str, NDArray[np.bool_]], index: "pd.Index[Any]", na_action: str
) -> NDArray[np.intp]:
    for name, rows in missing.items():
        if rows.all():
            raise DataError(f"`{name}` is missing in every row: no row is left to fit")
    incomplete = np.logical_or.reduce(list(missing.values()))
    if na_action == "fail" and incomplete.any():
        counts = {name: int(rows.sum()) for name, rows in missing.items() if rows.any()}
        raise DataError(
            "missing values with na_action='fail': "
            + ", ".join(f"`{name}` in {counted(count, 'row')}" for name, count in counts.items())
            + f"; the first rows are {shown(list(index[incomplete]))}"
        )
    kept = np.flatnonzero(~incomplete)
    if len(kept) == 0:
        counts = {name: int(rows.sum()) for name, rows in missing.items() if rows.any()}
        raise DataError(
            "no row is complete: missing are "
            + ", ".join(f"`{name}` in {counted(count, 'row')}" for name, count in counts.items())
        )
    return kept


def _check_finite(
    formula: ModelFormula,
    values: Mapping[Expression, Column],
    response: NDArray[np.float64],
    offset: NDArray[np.float64] | None,
    kept: NDArray[np.intp],
    index: "pd.Index[Any]",
) -> None:
    """Infinite values are an error, and the message says where they are."""
    groups = {v for bar in formula.bars for v in bar.grouping.variables}
    todo = {f"the response `{label(formula.response)}`": response}
    for expression, column in values.items():
        if expression not in groups and isinstance(column, NumericColumn):
            todo.setdefault(f"`{label(expression)}`", column.values)
    if offset is not None:
        todo["the offset"] = offset
    for name, array in todo.items():
        finite = np.isfinite(array[kept])
        if not finite.all():
            rows = ~finite if finite.ndim == 1 else ~finite.all(axis=1)
            raise DataError(
                f"{name} is infinite in {counted(int(rows.sum()), 'row')} (first: "
                f"{shown(list(index[kept[rows]]))}): correct or drop these rows"
            )


def _positive_weights(
    weights: NDArray[np.float64] | None, kept: NDArray[np.intp], index: "pd.Index[Any]"
) -> NDArray[np.float64] | None:
    if weights is None:
        return None
    used = weights[kept]
    bad = ~(np.isfinite(used) & (used > 0))
    if bad.any():
        listed = [f"{index[kept[i]]} ({used[i]:g})" for i in np.flatnonzero(bad)]
        raise DataError(
            f"`weights` must be positive and finite; they are not in row {shown(listed)}. "
            "Drop the rows that should not count"
        )
    return used
