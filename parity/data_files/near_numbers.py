"""Columns of a text file that would be numbers, but for a few texts in them."""

from collections.abc import Iterable

import pandas as pd

_MOSTLY = 0.5
_SHOWN = 3


def texts_among_numbers(frame: pd.DataFrame, columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, by column, the texts for which it was not read as numbers.

    Columns of which less than half are numbers are texts by themselves.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": ["1.5", "2", "."], "g": ["a", "b", "1"]})
    >>> texts_among_numbers(frame, ["x", "g"])
    {'x': ('.',)}
    """
    found = {}
    for name in columns:
        if name not in frame or not pd.api.types.is_string_dtype(frame[name]):
            continue
        given = frame[name].dropna()
        number = pd.to_numeric(given, errors="coerce").notna()
        if len(given) and _MOSTLY <= number.mean() < 1:
            found[name] = tuple(str(text) for text in given[~number].unique())
    return found


def hint(name: str, texts: tuple[str, ...]) -> str:
    """Say why a column is text, and by which option it becomes numbers.

    Examples
    --------
    >>> hint("x", (".",))
    "the column 'x' was read as text because of '.'; if that means a missing value, give --na '.'"
    """
    shown = ", ".join(map(repr, texts[:_SHOWN]))
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    what = "that means a missing value" if len(texts) == 1 else "these mean missing values"
    options = " ".join(f"--na {text!r}" for text in texts[:_SHOWN])
    if more:
        options += " ..."
    return (
        f"the column '{name}' was read as text because of {shown}{more}; if {what}, give {options}"
    )
