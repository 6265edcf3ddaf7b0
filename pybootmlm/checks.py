"""Checks of single arguments; each says what was expected, what came and what to do."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

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


def confidence_level(value: float, argument: str = "level") -> float:
    """
    Return `value` if it lies between 0 and 1.

    Examples
    --------
    >>> confidence_level(0.95)
    0.95
    """
    if not 0 < value < 1:
        raise ArgumentError(
            f"`{argument}` must lie between 0 and 1, such as 0.95 for a 95 percent interval; "
            f"got {value!r}."
        )
    return value


def counted(count: int, noun: str) -> str:
    """
    Write a count with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def positive_integer(value: object, argument: str) -> int:
    """
    Return `value` if it is an integer from 1.

    Examples
    --------
    >>> positive_integer(999, "nsim")
    999
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ArgumentError(f"`{argument}` must be a positive integer; got {value!r}.")
    return int(value)
