"""Two values against each other: names, shape, missing values, numbers, in this order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.tolerances import Tolerance
from parity.values import Names, Value

_MAX_DIGITS = 15.95  # what two equal doubles share


@dataclass(frozen=True)
class Worst:
    """The element that uses most of its tolerance."""

    where: str
    expected: float
    observed: float


@dataclass(frozen=True)
class Comparison:
    """How two values differ.

    Attributes
    ----------
    passed
        Whether shape, names, missing values and all numbers agree.
    problem
        The first thing that does not, in words; empty if all agree.
    by
        "name" or "position": how elements were matched.
    max_abs, max_rel
        Largest differences; relative to the larger magnitude of the two.
    digits
        Log relative error of the worst element on the scale of the tolerance: the
        number of decimal digits on which both agree.
    use
        Largest share of the allowed difference that any element used (1 is the limit).
    """

    passed: bool
    problem: str
    by: str = "position"
    count: int = 0
    max_abs: float = 0.0
    max_rel: float = 0.0
    digits: float = _MAX_DIGITS
    use: float = 0.0
    worst: Worst | None = None

    @property
    def comparable(self) -> bool:
        """Whether names, shape and missing values let the numbers be compared at all."""
        return self.passed or self.worst is not None


def compare(
    expected: Value,
    observed: Value,
    tolerance: Tolerance,
    sides: tuple[str, str] = ("R", "Python"),
) -> Comparison:
    """Compare what R says with what we say, or two things that one of `sides` said.

    Examples
    --------
    >>> exact = Tolerance("exact", "exact", 0.0, 0.0, "element", "counts")
    >>> compare(Value.of({"a": 1, "b": 2}), Value.of({"b": 2, "a": 1}), exact).by
    'name'
    """
    if expected.numbers.shape != observed.numbers.shape:
        return Comparison(
            False,
            f"shape: {sides[0]} has {_shape(expected)}, {sides[1]} {_shape(observed)}",
        )
    by = "position"
    index: list[NDArray[np.intp]] = []
    for axis, (theirs, ours) in enumerate(zip(expected.names, observed.names, strict=True)):
        order, problem = _match(theirs, ours, expected.numbers.shape[axis], axis, sides)
        if problem:
            return Comparison(False, problem, by="name")
        if theirs is not None and ours is not None:
            by = "name"
        index.append(order)
    numbers = observed.numbers[np.ix_(*index)]
    return _compare_numbers(expected, numbers, tolerance, by)


def _match(
    theirs: Names, ours: Names, size: int, axis: int, sides: tuple[str, str]
) -> tuple[NDArray[np.intp], str]:
    identity = np.arange(size)
    if theirs is None or ours is None or theirs == ours:
        return identity, ""
    if len(set(theirs)) == size and set(theirs) == set(ours):
        place = {name: i for i, name in enumerate(ours)}
        return np.array([place[name] for name in theirs], dtype=np.intp), ""
    only_r = [name for name in theirs if name not in ours][:3]
    only_python = [name for name in ours if name not in theirs][:3]
    kind = ("rows", "columns")[axis]
    return identity, (
        f"names of {kind}: only {sides[0]} has {only_r or 'another order'}, "
        f"only {sides[1]} has {only_python or 'another order'}"
    )


def _compare_numbers(
    expected: Value, numbers: NDArray[np.float64], tolerance: Tolerance, by: str
) -> Comparison:
    theirs = expected.numbers
    if not np.array_equal(np.isnan(theirs), np.isnan(numbers)):
        extra = int(np.sum(np.isnan(theirs) != np.isnan(numbers)))
        return Comparison(
            False, f"missing values: {extra} numbers are missing on one side only", by
        )
    infinite = ~np.isfinite(theirs) | ~np.isfinite(numbers)
    same = np.isnan(theirs) | (infinite & (theirs == numbers))
    if not same[infinite].all():
        return Comparison(False, "infinite on one side only", by)
    difference = np.abs(np.where(same, 0.0, numbers) - np.where(same, 0.0, theirs))
    allowed = tolerance.allowed(theirs)
    size = np.maximum(np.abs(theirs), np.abs(numbers))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(difference > 0, difference / size, 0.0)
        use = np.where(difference > 0, difference / allowed, 0.0)
        on_scale = np.where(difference > 0, difference / _scale(theirs, tolerance), 0.0)
    if not difference.size:
        return Comparison(True, "", by)
    place = np.unravel_index(int(np.argmax(use)), use.shape)
    passed = bool(use.max() <= 1.0)
    worst = Worst(_name(expected, place), float(theirs[place]), float(numbers[place]))
    return Comparison(
        passed=passed,
        problem=""
        if passed
        else f"{int((use > 1).sum())} of {use.size} numbers differ by more "
        f"than allowed, most of all {worst.where}",
        by=by,
        count=int(use.size),
        max_abs=float(difference.max()),
        max_rel=float(relative.max()),
        digits=_digits(float(on_scale.max())),
        use=float(use.max()),
        worst=worst,
    )


def _scale(theirs: NDArray[np.float64], tolerance: Tolerance) -> NDArray[np.float64]:
    unit = Tolerance(tolerance.name, tolerance.tier, 0.0, 1.0, tolerance.scale, tolerance.reason)
    size = unit.allowed(theirs)
    return np.where(size > 0, size, 1.0)


def _digits(error: float) -> float:
    if error <= 0 or not np.isfinite(error):
        return _MAX_DIGITS if error <= 0 else 0.0
    return float(np.clip(-np.log10(error), 0.0, _MAX_DIGITS))


def _name(value: Value, place: tuple[np.intp, ...]) -> str:
    parts = [
        labels[i] if labels is not None else str(int(i) + 1)
        for labels, i in zip(value.names, place, strict=True)
    ]
    return "[" + ", ".join(parts) + "]"


def _shape(value: Value) -> str:
    return " x ".join(str(size) for size in value.numbers.shape)
