"""The data behind R's model frame, which holds log(y) where `lmer` here needs y."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.errors import RObjectError
from parity.r_objects.described import Described, Frame
from parity.r_objects.inverse import solved
from pybootmlm.design.columns import Column, FactorColumn, read_column
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.exceptions import DataError
from pybootmlm.formula import Expression, ModelFormula, column_names, label

# What solving for a column and evaluating again may cost, relative to the largest value.
ROUNDING = 1e-11


@dataclass(frozen=True, eq=False)
class RawColumns:
    """The columns that a formula reads, on the rows used.

    Attributes
    ----------
    columns
        By name.
    solved
        Those that no data frame held: they were solved for from what the frame holds.
    """

    columns: Mapping[str, "pd.Series[Any]"]
    solved: tuple[str, ...]


def raw_columns(formula: ModelFormula, fit: Described, given: Frame | None) -> RawColumns:
    """Find every column, and see that what the formula makes of it is what R's frame holds.

    Looked for in the frame, in data that the caller gives, in the data that the call names, and
    in expressions of one column that can be solved.

    Raises
    ------
    RObjectError
        A column cannot be found, or what was found gives other values than R's frame.
    """
    _check_labels(formula, fit)
    found: dict[str, pd.Series[Any]] = {}
    computed: list[str] = []
    for name in formula.columns:
        expressions = [e for e in _variables(formula) if name in column_names(e)]
        for values, by_solving in _candidates(name, expressions, fit, given):
            if _gives(expressions, {**found, name: values}, fit):
                found[name] = values
                if by_solving:
                    computed.append(name)
                break
        else:
            raise RObjectError(_not_found(name, expressions, fit, given))
    for expression in _variables(formula):
        if not _gives([expression], found, fit):
            message = f"R's values of `{label(expression)}` are not what its columns here give; "
            raise RObjectError(message + _ADVICE)
    return RawColumns(found, tuple(computed))


_ADVICE = (
    "give the data that R fitted (`data=`), or compute that variable as a column of the data in R "
    "and fit with it"
)


def _variables(formula: ModelFormula) -> tuple[Expression, ...]:
    return tuple(dict.fromkeys(formula.expressions))


def _framed(
    expression: Expression, fit: Described
) -> "pd.Series[Any] | NDArray[np.float64] | None":
    text = label(expression)
    # R writes a variable that needs backticks without them, and offset() with what is in it.
    for name in (text, text.strip("`"), f"offset({text})"):
        if name in fit.frame:
            return fit.frame[name]
    return None


def _check_labels(formula: ModelFormula, fit: Described) -> None:
    for expression in _variables(formula):
        if _framed(expression, fit) is None:
            message = (
                f"R's model frame has no numbers, texts or factor `{label(expression)}`; it has "
                f"{', '.join(fit.frame)}; "
            )
            raise RObjectError(message + _ADVICE)


def _candidates(
    name: str, expressions: list[Expression], fit: Described, given: Frame | None
) -> "list[tuple[pd.Series[Any], bool]]":
    found: list[tuple[Any, bool]] = [
        (source[name], False)
        for source in (fit.frame, given, fit.data)
        if source and name in source
    ]
    for expression in expressions:
        values = _framed(expression, fit)
        if values is not None and (answer := solved(expression, values, fit.states)) is not None:
            found.append((answer[1], True))
    series = [(pd.Series(v), by) for v, by in found if np.ndim(v) == 1 or np.shape(v)[1] == 1]
    return [(values, by) for values, by in series if len(values) == len(fit.rows)]


def _gives(
    expressions: list[Expression], columns: Mapping[str, "pd.Series[Any]"], fit: Described
) -> bool:
    """Whether the expressions that these columns suffice for have R's values."""
    for expression in expressions:
        if not set(column_names(expression)) <= set(columns):
            continue
        try:
            read = {n: read_column(columns[n], n) for n in column_names(expression)}
            value = Evaluator(read, fit.states).column(expression)
        except DataError:
            return False
        if not _same(value, _framed(expression, fit)):
            return False
    return True


def _same(value: Column, framed: Any) -> bool:
    if isinstance(value, FactorColumn):
        if np.ndim(framed) != 1:
            return False
        other = read_column(pd.Series(framed), "frame")
        return isinstance(other, FactorColumn) and _texts(value) == _texts(other)
    if not pd.api.types.is_numeric_dtype(np.asarray(framed).dtype):
        return False
    wanted = np.asarray(framed, dtype=np.float64).reshape(len(value.values), -1)
    if wanted.shape != value.values.shape:
        return False
    scale = np.abs(wanted).max(axis=0, initial=0.0)
    return bool((np.abs(value.values - wanted) <= ROUNDING * scale).all())


def _texts(column: FactorColumn) -> list[str | None]:
    return [None if code < 0 else column.levels[code] for code in column.codes]


def _not_found(
    name: str, expressions: list[Expression], fit: Described, given: Frame | None
) -> str:
    said = [f"R's frame holds only the value of {', '.join(f'`{label(e)}`' for e in expressions)}"]
    said.append("the data of the call " + _why_not(name, fit.data, "are not with the fit"))
    if given is not None:
        said.append("the data given " + _why_not(name, given, ""))
    return f"the column `{name}` of R's fit cannot be found: {'; '.join(said)}. To go on, {_ADVICE}"


def _why_not(name: str, frame: Frame | None, absent: str) -> str:
    if frame is None:
        return absent
    return "do not give R's values" if name in frame else "have no such column"
