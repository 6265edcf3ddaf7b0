"""A variable of a formula solved for its column: y from log(y), x from poly(x, 2)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.formula.expression import (
    Call,
    Expression,
    Group,
    Name,
    Operation,
    bound_arguments,
    label,
    literal,
)

Array = NDArray[np.float64]
Values = "pd.Series[Any] | Array"

_INVERSE: dict[str, Callable[[Any], Any]] = {
    "log2": np.exp2,
    "log10": lambda v: np.power(10.0, v),
    "log1p": np.expm1,
    "exp": np.log,
    "expm1": np.log1p,
    "sqrt": np.square,
}
# What is wrapped stays as it is: R's factor of a factor is itself.
_AS_IT_IS = ("I", "offset", "factor", "as.factor", "ordered")
_LEFT: dict[str, Callable[[Any, float], Any]] = {
    "+": lambda v, k: v - k,
    "-": lambda v, k: v + k,
    "*": lambda v, k: v / k,
    "/": lambda v, k: v * k,
}
_RIGHT: dict[str, Callable[[Any, float], Any]] = {
    "+": lambda v, k: v - k,
    "-": lambda v, k: k - v,
    "*": lambda v, k: v / k,
    "/": lambda v, k: k / v,
}


def solved(
    expression: Expression,
    values: "pd.Series[Any] | Array",
    states: Mapping[str, tuple[float, ...]],
) -> "tuple[str, pd.Series[Any] | Array] | None":
    """Name and values of the column for which an expression has these values; None if unknown.

    Examples
    --------
    >>> from pybootmlm.formula import parse_formula
    >>> response = parse_formula("log(y / 10) ~ (1 | g)").response
    >>> name, found = solved(response, np.array([0.0, np.log(2)]), {})
    >>> name, found.round(12).tolist()
    ('y', [10.0, 20.0])
    """
    match expression:
        case Name(name):
            return name, values
        case Group(inner):
            return solved(inner, values, states)
        case Operation("-", (operand,)):
            return solved(operand, -_flat(values), states)
        case Operation("^", (base, exponent)):
            return _power(base, literal(exponent), values, states)
        case Operation(operator, (left, right)):
            known = literal(right)
            if known is not None and operator in _LEFT:
                return solved(left, _LEFT[operator](_flat(values), float(known)), states)
            known = literal(left)
            if known is not None and operator in _RIGHT:
                return solved(right, _RIGHT[operator](_flat(values), float(known)), states)
        case Call(function, _):
            return _called(function, expression, values, states)
    return None


def _power(
    base: Expression,
    exponent: float | bool | None,
    values: "pd.Series[Any] | Array",
    states: Mapping[str, tuple[float, ...]],
) -> "tuple[str, pd.Series[Any] | Array] | None":
    """The root, unless the power is even: the sign of what was squared is lost."""
    if not exponent or float(exponent) % 2 == 0:
        return None
    numbers = _flat(values)
    with np.errstate(divide="ignore"):
        root = np.sign(numbers) * np.abs(numbers) ** (1.0 / float(exponent))
    return solved(base, root, states)


def _called(
    function: str,
    call: Call,
    values: "pd.Series[Any] | Array",
    states: Mapping[str, tuple[float, ...]],
) -> "tuple[str, pd.Series[Any] | Array] | None":
    arguments = bound_arguments(call)
    x, state = arguments["x"], states.get(label(call), ())
    if function in _AS_IT_IS:
        return solved(x, values, states)
    if isinstance(values, pd.Series) and not pd.api.types.is_numeric_dtype(values.dtype):
        return None
    if function in _INVERSE:
        return solved(x, _INVERSE[function](_flat(values)), states)
    if function == "log":
        base = literal(arguments["base"]) if "base" in arguments else None
        exponent = _flat(values) if base is None else _flat(values) * np.log(base)
        return solved(x, np.exp(exponent), states)
    if function == "scale":
        centre, divisor = state if len(state) == 2 else (0.0, 1.0)
        return solved(x, centre + divisor * _flat(values), states)
    if function == "poly" and state:
        norms = state[len(state) // 2 :]  # d of alpha, then d + 1 squared norms
        return solved(x, state[0] + np.sqrt(norms[1]) * _flat(values), states)
    if function == "poly":
        return solved(x, _flat(values), states)
    return None


def _flat(values: "pd.Series[Any] | Array") -> Array:
    """The first column, as floats."""
    array = np.asarray(values, dtype=np.float64)
    return array[:, 0] if array.ndim == 2 else array
