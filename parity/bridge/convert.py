"""Plain Python values to R's, without loss and without rpy2's context-bound converters."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from parity.bridge.integers import INTEGER

# rpy2 is an optional extra: its types are unknown where it is not installed.
ri: Any = import_module("rpy2.rinterface")


def to_r(value: Any) -> Any:
    """Turn a JSON-like value into an R object.

    A mapping becomes a named list; a list of texts, truth values, integers or numbers a
    vector of that kind; None is NULL. Missing values are not sent as values: a column
    names their positions.
    """
    if value is None:
        return ri.NULL
    if isinstance(value, Mapping):
        fields = ri.ListSexpVector([to_r(item) for item in value.values()])
        fields.do_slot_assign("names", ri.StrSexpVector([str(key) for key in value]))
        return fields
    if isinstance(value, (list, tuple)):
        return _vector(list(value))
    return _vector([value])


def _vector(values: list[Any]) -> Any:
    kinds = {type(value) for value in values}
    if not values:
        return ri.NULL
    if kinds == {bool}:
        return ri.BoolSexpVector(values)
    if kinds == {int} and all(value in INTEGER for value in values):
        return ri.IntSexpVector(values)
    if kinds <= {int, float}:
        return ri.FloatSexpVector([float(value) for value in values])
    if kinds == {str}:
        return ri.StrSexpVector(values)
    return ri.ListSexpVector([to_r(value) for value in values])
