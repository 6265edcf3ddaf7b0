"""Plain Python values as R source text: every bit kept, and nothing in it but ASCII."""

import math
from collections.abc import Mapping
from typing import Any

from parity.bridge.integers import INTEGER

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> str:
    """Write a JSON-like value as R code, of the kinds that `convert.to_r` makes.

    A text, or a name in a list, is always a quoted constant: nothing in it can become code.

    Examples
    --------
    >>> literal({"seed": 85957, "scale": [1.0, 0.5], "a`b": "reb", "control": None})
    'structure(list(85957L,c(0x1.0000000000000p+0,0x1.0000000000000p-1),"reb",NULL),names=c("seed","scale","a`b","control"))'
    """
    if isinstance(value, Mapping):
        fields, names = map(literal, value.values()), map(_text, map(str, value))
        return f"structure(list({','.join(fields)}),names=c({','.join(names)}))"
    if isinstance(value, (list, tuple)):
        return _vector(list(value))
    return _scalar(value)


def _vector(values: list[Any]) -> str:
    if not values:
        return "NULL"
    kinds = {type(value) for value in values}
    if kinds <= {int, float} and (float in kinds or not all(value in INTEGER for value in values)):
        values = [float(value) for value in values]
    if kinds <= {int, float} or (len(kinds) == 1 and kinds <= {bool, str}):
        return f"c({','.join(map(_scalar, values))})"
    return f"list({','.join(map(literal, values))})"


def _scalar(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int) and value in INTEGER:
        return f"{value}L"
    if isinstance(value, (int, float)):
        return _number(float(value))
    return _text(str(value))


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return value.hex()  # R reads decimals to the last bit but one


def _text(text: str) -> str:
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~":
        return character
    return f"\\U{ord(character):08x}" if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"
