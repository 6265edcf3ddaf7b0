"""Expressions of a formula evaluated on the columns of a data frame; no Python code is run."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pybootmlm.design.columns import Column, FactorColumn, NumericColumn, as_factor
from pybootmlm.design.transforms import State, poly, scale
from pybootmlm.exceptions import DataError
from pybootmlm.formula.expression import (
    Call,
    Expression,
    Flag,
    Group,
    Name,
    Number,
    Operation,
    bound_arguments,
    label,
    literal,
)

Vector: TypeAlias = NDArray[np.float64]
_Value: TypeAlias = Column | Vector | float

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "^": np.power,
}
_COMPARISON: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
}


class Evaluator:
    """
    Evaluate expressions over named columns.

    Parameters
    ----------
    columns : mapping of str to Column
        Every column that the expressions read.
    states : mapping of str to tuple of float, optional
        What ``poly()`` and ``scale()`` learned from the data of a fit, by label. What is
        missing is learned now, and can be read from `states` afterwards.
    """

    def __init__(
        self, columns: Mapping[str, Column], states: Mapping[str, State] | None = None
    ) -> None:
        self.columns = columns
        self.states: dict[str, State] = dict(states or {})

    def column(self, expression: Expression) -> Column:
        """Evaluate one expression, shape (n,) or (n, k)."""
        with np.errstate(all="ignore"):  # what is not finite is reported by name later
            value = self._value(expression)
        if isinstance(value, NumericColumn | FactorColumn):
            return value
        return NumericColumn(np.asarray(value, dtype=np.float64)[:, None])

    def _value(self, expression: Expression) -> _Value:
        match expression:
            case Name(name):
                return self.columns[name]
            case Number(value, _):
                return value
            case Flag(value):
                return float(value)
            case Group(inner):
                return self._value(inner)
            case Operation(operator, (operand,)):
                numbers = self._numbers(operand, operator)
                return -numbers if operator == "-" else numbers
            case Operation(operator, (left, right)):
                return self._binary(operator, left, right)
            case Call():
                return self._call(expression)
        raise AssertionError(expression)

    def _binary(self, operator: str, left: Expression, right: Expression) -> _Value:
        a, b = self._numbers(left, operator), self._numbers(right, operator)
        if operator in _ARITHMETIC:
            result: Vector = _ARITHMETIC[operator](a, b)
            return result
        holds = np.where(np.isnan(a) | np.isnan(b), -1, _COMPARISON[operator](a, b))
        return FactorColumn(holds.astype(np.intp), ("FALSE", "TRUE"), logical=True)

    def _call(self, call: Call) -> _Value:
        arguments = bound_arguments(call)
        function, x = call.function, arguments["x"]
        options = {k: literal(v) for k, v in arguments.items() if k != "x"}
        if function == "I":
            return self._value(x)
        if function in ("factor", "as.factor", "ordered"):
            value = self._value(x)
            if not isinstance(value, NumericColumn | FactorColumn):
                value = NumericColumn(np.asarray(value)[:, None])
            return as_factor(value, ordered=function == "ordered")
        numbers = np.asarray(self._numbers(x, f"{function}()"))
        if function == "poly":
            return self._poly(call, numbers, options)
        if function == "scale":
            values, self.states[label(call)] = scale(
                numbers,
                _option(options, "center", True),
                _option(options, "scale", True),
                self.states.get(label(call)),
            )
            return values
        if function == "log":
            base = options.get("base")
            natural: Vector = np.log(numbers)
            return natural if base is None else natural / np.log(base)
        result: Vector = _FUNCTIONS[function](numbers)
        return result

    def _poly(self, call: Call, numbers: Vector, options: Mapping[str, Any]) -> NumericColumn:
        degree = _option(options, "degree", 1)
        if degree < 1 or degree != int(degree):
            raise DataError(f"the degree in `{label(call)}` must be a whole number from 1")
        values, self.states[label(call)] = poly(
            numbers,
            label(bound_arguments(call)["x"]),
            int(degree),
            bool(_option(options, "raw", False)),
            self.states.get(label(call)),
        )
        suffixes = tuple(str(k) for k in range(1, int(degree) + 1)) if degree > 1 else ("",)
        return NumericColumn(values, suffixes)

    def _numbers(self, expression: Expression, where: str) -> Vector | float:
        """Evaluate to one number per row; a logical vector counts as 0 and 1, as in R."""
        value = self._value(expression)
        if isinstance(value, NumericColumn):
            if value.values.shape[1] > 1:
                raise DataError(f"`{label(expression)}` has several columns; `{where}` needs one")
            return value.values[:, 0]
        if isinstance(value, FactorColumn):
            if not value.logical:
                raise DataError(
                    f"`{label(expression)}` is categorical, but `{where}` needs numbers: use it as "
                    "a term of its own, or convert the column"
                )
            return np.where(value.codes < 0, np.nan, value.codes)
        return value


def _option(options: Mapping[str, Any], name: str, default: Any) -> Any:
    value = options.get(name)
    return default if value is None else value
