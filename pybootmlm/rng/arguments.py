"""Checks of the arguments of the streams' methods: each returns the value in its final type."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.index import INTEGER_MAX
from pybootmlm.rng.source import Floats

LARGEST_N = 4_500_000_000_000_000  # R's own limit for sample.int


def whole(name: str, value: object, lowest: int, highest: int, hint: str) -> int:
    """Return `value` as an int of the given range; ``1e6`` counts as whole, ``True`` does not."""
    valid = isinstance(value, int | float | np.integer | np.floating) and not isinstance(
        value, bool
    )
    if valid and float(value) == np.floor(float(value)):  # type: ignore[arg-type]
        number = int(value)  # type: ignore[call-overload]
        if lowest <= number <= highest:
            return int(number)
    raise ArgumentError(
        f"`{name}` must be a whole number from {lowest} to {highest}; got {value!r}. {hint}"
    )


def count(value: object, name: str = "n") -> int:
    """Return `value`, how many numbers to draw."""
    return whole(name, value, 0, LARGEST_N, "Give how many numbers to draw.")


def numbers(name: str, value: ArrayLike, size: int, *, what: str, valid: str) -> Floats:
    """Return `value`, a number or a vector, recycled to shape ``(size,)`` as R does.

    Parameters
    ----------
    name
        The argument.
    value
        A number, or a vector of at least one.
    size
        The length to recycle to.
    what
        The requirement in words, such as ``"finite"``.
    valid
        Its key in the table of conditions.
    """
    try:
        array = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        array = np.array([np.nan])
    if array.ndim != 1 or (array.size == 0 and size > 0):
        raise ArgumentError(
            f"`{name}` must be a number or a vector; got shape {array.shape}. "
            "Give one value, or one for each number drawn."
        )
    bad = ~CONDITIONS[valid](array)
    if bad.any():
        shown = repr(value) if array.size == 1 else f"{array[bad][0]} at {int(np.argmax(bad))}"
        raise ArgumentError(f"`{name}` must be {what}; got {shown}. R would return NaN there.")
    return array if array.size == size else np.resize(array, size)


def _finite(x: Floats) -> NDArray[np.bool_]:
    return np.isfinite(x)


def _not_negative(x: Floats) -> NDArray[np.bool_]:
    return np.isfinite(x) & (x >= 0.0)


def _positive(x: Floats) -> NDArray[np.bool_]:
    return ~np.isnan(x) & (x > 0.0)  # with infinity: that rate is a scale of 0


def _probability(x: Floats) -> NDArray[np.bool_]:
    return (x >= 0.0) & (x <= 1.0)


def _trials(x: Floats) -> NDArray[np.bool_]:
    whole_numbers: NDArray[np.bool_] = (x >= 0.0) & (x < INTEGER_MAX) & (x == np.trunc(x))
    return whole_numbers


CONDITIONS = {
    "finite": _finite,
    "not negative": _not_negative,
    "positive": _positive,
    "probability": _probability,
    "trials": _trials,
}


def weights(value: ArrayLike, n: int, size: int, *, replace: bool) -> Floats:
    """Return `value`, the probability weights of `n` entries of which `size` are drawn."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty((0, 0))
    if array.shape != (n,):
        raise ArgumentError(
            f"`prob` must be a vector of `n` = {n} numbers; got shape {array.shape}. "
            "Give one weight for each entry."
        )
    bad = ~_not_negative(array)
    if bad.any():
        first = int(np.argmax(bad))
        raise ArgumentError(
            f"`prob` must be finite and not negative; got {array[first]} at {first}. "
            "Give 0 to an entry that is never to be drawn."
        )
    positive = int(np.count_nonzero(array))
    if positive == 0 or (not replace and positive < size):
        raise ArgumentError(
            f"`prob` must be positive for at least {1 if replace else max(size, 1)} entries; "
            f"got {positive}. Draw with `replace=True`, or fewer."
        )
    return array


def population(n: object, size: object | None, *, replace: bool) -> tuple[int, int]:
    """Return `n` and `size`, what is drawn from and how many of it."""
    n = whole("n", n, 0, LARGEST_N, "Give the number of entries to draw from.")
    size = n if size is None else count(size, "size")
    if n == 0 and size > 0:
        raise ArgumentError(f"`n` must be at least 1 to draw from; got 0 with `size` = {size}.")
    if not replace and size > n:
        raise ArgumentError(
            f"`size` must be at most `n` = {n} without replacement; got {size}. "
            "Draw fewer, or with `replace=True`."
        )
    return n, size
