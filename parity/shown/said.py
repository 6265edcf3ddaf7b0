"""What R says of an example: the value of its last expression, or an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parity.shown.example import Items
from parity.values import Value


@dataclass(frozen=True)
class Said:
    """What R made of a piece of code.

    Attributes
    ----------
    value
        The last expression; empty after an error.
    printed
        It, as R prints it.
    error
        R's error; empty if there was none.
    """

    value: Items = ()
    printed: tuple[str, ...] = ()
    error: str = ""

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Said":
        """Read what ``shown.R`` writes."""
        if "error" in document:
            return cls(error=document["error"])
        return cls(_items(document["value"]), tuple(document["printed"]))

    def to_json(self) -> dict[str, Any]:
        """Write what `from_json` reads, every bit kept."""
        if self.error:
            return {"error": self.error}
        return {"value": _written(self.value), "printed": list(self.printed)}


@dataclass(frozen=True)
class Shown:
    """What one R says of one example: to its code, and where it finds the right value itself."""

    r: Said
    right: Said | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Shown":
        """Read what ``shown.R`` writes."""
        right = document.get("right")
        return cls(Said.from_json(document["r"]), None if right is None else Said.from_json(right))

    def to_json(self) -> dict[str, Any]:
        """Write what `from_json` reads."""
        fields = {"r": self.r.to_json()}
        return fields if self.right is None else {**fields, "right": self.right.to_json()}


def _items(value: Mapping[str, list[Any]]) -> Items:
    if "numbers" in value:
        numbers = value["numbers"]
        document = {"dim": [len(numbers)], "names": [None], "data": numbers}
        return tuple(Value.from_json(document).numbers.tolist())
    return tuple(value["truths"] if "truths" in value else value["texts"])


def _written(items: Items) -> dict[str, Any]:
    if items and all(isinstance(item, str) for item in items):
        return {"texts": list(items)}
    if items and all(isinstance(item, bool) for item in items):
        return {"truths": list(items)}
    return {"numbers": Value.of([float(item) for item in items]).to_json()["data"]}
