"""A few lines of R that show a deviation, the same in Python, and what each must say."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from parity.errors import CaseError

Item: TypeAlias = float | str | bool
Items: TypeAlias = tuple[Item, ...]


@dataclass(frozen=True)
class Example:
    """What shows a deviation.

    Attributes
    ----------
    r
        R code, runnable by itself, whose last expression shows it.
    wrong
        That value under the versions that have it.
    right
        That value under versions that have it no longer, and what `python` must give.
    right_in_r
        R code that follows on `r` and finds the right value in another way; may be empty.
    why_not_in_r
        Why there is no such code, if there is none.
    python
        The same with pybootmlm.
    tolerance
        How far numbers may differ, relative to the number and at least absolutely.
    since
        For some packages the version that has what the code asks for.
    varies
        Why R may say either under one and the same version; empty if it may not.
    """

    r: str
    wrong: Items
    right: Items
    python: str
    right_in_r: str = ""
    why_not_in_r: str = ""
    tolerance: float = 1e-4
    since: Mapping[str, str] = field(default_factory=dict)
    varies: str = ""

    def __post_init__(self) -> None:
        if bool(self.right_in_r) == bool(self.why_not_in_r):
            message = (
                "an example has either `right_in_r`, code by which R finds the right value, or "
                "`why_not_in_r`, the reason why there is none"
            )
            raise CaseError(message)
        if agrees(self.wrong, self.right, self.tolerance):
            message = f"`wrong` and `right` of an example must differ; both are {self.wrong}"
            raise CaseError(message)

    @property
    def needs(self) -> dict[str, str]:
        """The R packages that the code attaches, and the versions that it takes at least."""
        names = re.findall(r"library\((\w+)\)", "".join(self.code))
        return {name: self.since.get(name, "0") for name in names}

    @property
    def code(self) -> tuple[str, ...]:
        """The R code: what shows it, and what finds the right value, if anything does."""
        return (self.r, self.right_in_r) if self.right_in_r else (self.r,)


def agrees(expected: Sequence[Item], observed: Sequence[Item], tolerance: float) -> bool:
    """Say whether two lists are the same: numbers within a tolerance, texts by containment.

    Examples
    --------
    >>> agrees([1.0, "not found"], [1.00001, "object 'w' not found"], 1e-4)
    True
    >>> agrees([True], [1.0], 1e-4)
    False
    """
    return len(expected) == len(observed) and all(
        _one(theirs, ours, tolerance) for theirs, ours in zip(expected, observed, strict=True)
    )


def _one(expected: Item, observed: Item, tolerance: float) -> bool:
    if isinstance(expected, str) or isinstance(observed, str):
        return isinstance(expected, str) and isinstance(observed, str) and expected in observed
    if isinstance(expected, bool) or isinstance(observed, bool):
        return expected is observed
    if math.isnan(expected) or math.isnan(observed):
        return math.isnan(expected) and math.isnan(observed)
    return abs(expected - observed) <= tolerance * max(1.0, abs(expected))
