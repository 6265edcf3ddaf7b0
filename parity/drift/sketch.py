"""A long value in a few numbers, none of which moves further than its farthest element."""

import hashlib
import json
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parity.tolerances import Tolerance
from parity.values import Value

Array = NDArray[np.float64]

SUMMARIES = ("mean", "root mean square", "alternating mean", "least", "greatest")
_SHORT = 8
_GUARD = 2  # digits kept beyond the tolerance


@dataclass(frozen=True)
class Sketch:
    """Summaries of the columns of a value.

    If every element moves by at most d, every summary moves by at most d: a summary that
    has moved by more than the tolerance proves that an element has. An element that moves
    alone among n moves the means by an n-th, so what a sketch can miss is smaller than n
    tolerances.

    Attributes
    ----------
    form
        Shape, a digest of the names, and how many numbers are missing or infinite.
    summaries
        A row each of `SUMMARIES`, a column each of the value's.
    """

    form: str
    summaries: Value


Numbers = Value | Sketch


def sketch_of(value: Value) -> Sketch:
    """Summarise a value.

    Examples
    --------
    >>> sketch_of(Value.of([3.0, -1.0])).summaries.numbers[:, 0].tolist()
    [1.0, 2.23606797749979, 2.0, -1.0, 3.0]
    """
    table = value.numbers.reshape(len(value.numbers), -1)
    table = np.where(np.isfinite(table), table, 0.0)
    signs = np.where(np.arange(len(table)) % 2 == 0, 1.0, -1.0)[:, None]
    rows = np.zeros((len(SUMMARIES), table.shape[1]))
    if table.size:
        rows = np.stack(
            [
                table.mean(axis=0),
                np.sqrt((table**2).mean(axis=0)),
                (table * signs).mean(axis=0),
                table.min(axis=0),
                table.max(axis=0),
            ]
        )
    names = (SUMMARIES, value.columns if value.numbers.ndim > 1 else None)
    return Sketch(_form(value), Value(rows, names, np.zeros(rows.shape, bool)))


def sketched(numbers: Numbers | None, tolerance: Tolerance) -> Numbers | None:
    """Return what a baseline keeps: short values whole, rounded far below the tolerance."""
    if numbers is None:
        return None
    if isinstance(numbers, Value):
        if numbers.numbers.size <= _SHORT:
            return Value(_rounded(numbers, tolerance), numbers.names, numbers.missing)
        numbers = sketch_of(numbers)
    rounded = _rounded(numbers.summaries, by_column(tolerance))
    summaries = Value(rounded, numbers.summaries.names, numbers.summaries.missing)
    return Sketch(numbers.form, summaries)


def by_column(tolerance: Tolerance) -> Tolerance:
    """Return the tolerance of a sketch: a mean has no elements of its own to be relative to."""
    if tolerance.scale != "element":
        return tolerance
    return replace(tolerance, scale="column")


def allowed_move(value: Value, tolerance: Tolerance) -> Array:
    """Return how far each number may move: the tolerance, and for a criterion its own.

    In an optimum or a replicate the criterion stands beside estimates whose tolerance, a
    thousandth of the largest, would forgive it everything.
    """
    allowed = tolerance.allowed(value.numbers)
    if tolerance.criterion <= 0:
        return allowed
    mask = is_criterion(value)
    rest = tolerance.allowed(np.where(mask, 0.0, value.numbers))
    return np.where(mask, tolerance.criterion, rest)


def is_criterion(value: Value) -> NDArray[np.bool_]:
    """Mark the rows or columns that are named criterion."""
    mask = np.zeros(value.numbers.shape, bool)
    for axis, names in enumerate(value.names):
        if names is not None:
            marked = np.array([name == "criterion" for name in names], bool)
            mask |= marked[:, None] if axis == 0 and mask.ndim > 1 else marked
    return mask


def _rounded(value: Value, tolerance: Tolerance) -> Array:
    """Round to a hundredth of what may move, so that a baseline does not move with rounding."""
    allowed = np.broadcast_to(allowed_move(value, tolerance), value.numbers.shape)
    return np.array(
        [_round(float(x), float(a)) for x, a in zip(value.numbers.flat, allowed.flat, strict=True)]
    ).reshape(value.numbers.shape)


def _round(x: float, allowed: float) -> float:
    if not math.isfinite(x) or not allowed > 0:
        return x
    return round(x, _GUARD - math.floor(math.log10(allowed))) + 0.0


def _form(value: Value) -> str:
    shape = " x ".join(str(size) for size in value.numbers.shape)
    names = hashlib.sha256(json.dumps(value.names).encode()).hexdigest()[:8]
    said = f"{shape}, names {names}"
    special = [
        (int(np.isnan(value.numbers).sum()), "missing"),
        (int(np.isinf(value.numbers).sum()), "infinite"),
    ]
    return ", ".join([said, *(f"{count} {kind}" for count, kind in special if count)])
