"""Plain Python values as R source text, every bit kept."""

from collections.abc import Mapping
from typing import Any

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> str:
    """Write a JSON-like value as R code, of the kinds that `convert.to_r` makes.

    Examples
    --------
    >>> literal({"seed": 85957, "scale": [1.0, 0.5], "type": "reb", "control": None})
    'list(`seed`=85957L,`scale`=c(0x1.0000000000000p+0,0x1.0000000000000p-1),`type`="reb",`control`=NULL)'
    """
    if isinstance(value, Mapping):
        fields = (f"`{key}`={literal(item)}" for key, item in value.items())
        return f"list({','.join(fields)})"
    if isinstance(value, (list, tuple)):
        return _vector(list(value))
    return _scalar(value)


def _vector(values: list[Any]) -> str:
    if not values:
        return "NULL"
    kinds = {type(value) for value in values}
    if kinds == {int, float}:
        values = [float(value) for value in values]
    if kinds <= {int, float} or (len(kinds) == 1 and kinds <= {bool, str}):
        return f"c({','.join(map(_scalar, values))})"
    return f"list({','.join(map(literal, values))})"


def _scalar(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return f"{value}L"
    if isinstance(value, float):
        return value.hex()  # R reads decimals to the last bit but one
    text = "".join(_ESCAPES.get(character, character) for character in str(value))
    return f'"{text}"'
