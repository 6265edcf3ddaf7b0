"""How far one side's numbers have moved from one run to another."""

import math
from dataclasses import dataclass, replace

import numpy as np

from parity.compare import Comparison, compare
from parity.drift.sketch import Numbers, Sketch, by_column, is_criterion, sketch_of
from parity.tolerances import Tolerance
from parity.values import Value

_SIDES = ("the first run", "the second")


@dataclass(frozen=True)
class Movement:
    """A value that moved.

    Attributes
    ----------
    use
        The farthest move as a multiple of the tolerance; infinite where shape, names or
        missing values are others.
    where, before, after
        The element that moved farthest, by that measure.
    problem
        What is not the same, where numbers cannot be compared.
    """

    use: float
    max_abs: float = math.nan
    max_rel: float = math.nan
    where: str = ""
    before: float = math.nan
    after: float = math.nan
    problem: str = ""

    @property
    def beyond(self) -> bool:
        """Whether it moved by more than the tolerance allows."""
        return self.use > 1.0


def movement(
    before: Numbers | None, after: Numbers | None, tolerance: Tolerance
) -> Movement | None:
    """Compare what one side said in two runs; None where nothing moved.

    Examples
    --------
    >>> loose = Tolerance("loose", "t", 0.1, 0.0, "element", "an example")
    >>> movement(Value.of([1.0, 2.0]), Value.of([1.0, 2.2]), loose).where
    '[2]'
    """
    if before is None or after is None:
        if before is after:
            return None
        problem = f"no numbers in {_SIDES[0] if before is None else _SIDES[1]}"
        return Movement(math.inf, problem=problem)
    if isinstance(before, Value) and isinstance(after, Value):
        return _farthest(before, after, tolerance)
    one, other = _as_sketch(before), _as_sketch(after)
    if one.form != other.form:
        return Movement(math.inf, problem=f"was {one.form}; is {other.form}")
    return _farthest(one.summaries, other.summaries, by_column(tolerance))


def _farthest(before: Value, after: Value, tolerance: Tolerance) -> Movement | None:
    comparison = _comparison(before, after, tolerance)
    if comparison.worst is None:
        return Movement(math.inf, problem=comparison.problem) if comparison.problem else None
    if comparison.max_abs == 0:
        return None
    worst = comparison.worst
    return Movement(
        comparison.use, comparison.max_abs, comparison.max_rel,
        worst.where, worst.expected, worst.observed,
    )  # fmt: skip


def _comparison(before: Value, after: Value, tolerance: Tolerance) -> Comparison:
    """Compare; a criterion, which stands beside what depends on it, by its own tolerance."""
    if tolerance.criterion <= 0 or not is_criterion(before).any():
        return compare(before, after, tolerance, _SIDES)
    strict = replace(tolerance, absolute=tolerance.criterion, relative=0.0, scale="element")
    rest = compare(_only(before, False), _only(after, False), tolerance, _SIDES)
    criterion = compare(_only(before, True), _only(after, True), strict, _SIDES)
    return max(rest, criterion, key=lambda c: math.inf if c.worst is None else c.use)


def _only(value: Value, criterion: bool) -> Value:
    """Keep the numbers that are, or are not, a criterion's; zero for the others."""
    return replace(value, numbers=np.where(is_criterion(value) == criterion, value.numbers, 0.0))


def _as_sketch(numbers: Numbers) -> Sketch:
    return numbers if isinstance(numbers, Sketch) else sketch_of(numbers)
