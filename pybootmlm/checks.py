"""Checks of single arguments; each says what was expected, what came and what to do."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError


def one_of(value: Any, argument: str, options: Sequence[str]) -> str:
    """
    Return `value` if it is one of `options`.

    Examples
    --------
    >>> one_of("omit", "na_action", ("omit", "exclude"))
    'omit'
    """
    if isinstance(value, str) and value in options:
        return value
    known = ", ".join(repr(option) for option in options)
    raise ArgumentError(f"`{argument}` must be one of {known}; got {value!r}")


def shown(items: Sequence[Any], limit: int = 5) -> str:
    """
    List the first few items for a message.

    Examples
    --------
    >>> shown([1, 2, 3], limit=2)
    '1, 2, ... (3 in all)'
    """
    text = ", ".join(str(item) for item in items[:limit])
    return text if len(items) <= limit else f"{text}, ... ({len(items)} in all)"


def confidence_level(value: object, argument: str = "level") -> float:
    """
    Return `value` if it lies between 0 and 1.

    Examples
    --------
    >>> confidence_level(0.95)
    0.95
    """
    level = number(value, argument)
    if not 0 < level < 1:
        raise ArgumentError(
            f"`{argument}` must lie between 0 and 1, such as 0.95 for a 95 percent interval; "
            f"got {value!r}."
        )
    return level


def counted(count: int, noun: str) -> str:
    """
    Write a count with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def is_integer(value: object) -> bool:
    """
    Whether `value` is an integer; True and False are none.

    Examples
    --------
    >>> is_integer(2), is_integer(True), is_integer(2.0)
    (True, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def positive_integer(value: Any, argument: str) -> int:
    """
    Return `value` if it is an integer from 1.

    Examples
    --------
    >>> positive_integer(999, "nsim")
    999
    """
    if not is_integer(value) or value < 1:
        raise ArgumentError(f"`{argument}` must be a positive integer; got {value!r}.")
    return int(value)


def numbers(values: object, argument: str) -> NDArray[np.float64]:
    """
    Return an array of its own with the numbers in `values`.

    Examples
    --------
    >>> numbers([1, 2], "theta")
    array([1., 2.])
    """
    try:
        found = np.array(values)
        if found.dtype.kind == "c":
            raise TypeError("complex numbers")
        return found.astype(float)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"`{argument}` must hold real numbers; got {type(values).__name__} with other content."
        ) from error


def number(value: object, argument: str) -> float:
    """
    Return `value` if it is one real number.

    Examples
    --------
    >>> number(0.95, "level")
    0.95
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(f"`{argument}` must be a number; got {value!r}.")
    return float(value)


def flag(value: object, argument: str) -> bool:
    """
    Refuse what is neither True nor False: other values would be read as one of them.

    Examples
    --------
    >>> flag(True, "reml")
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(f"`{argument}` must be True or False; got {value!r}.")
    return bool(value)
