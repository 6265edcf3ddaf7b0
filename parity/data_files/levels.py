"""Factors that a file cannot hold: their levels in order, as the user gives them."""

from collections.abc import Sequence

import pandas as pd

from parity.errors import DataFileError


def with_levels(frame: pd.DataFrame, orders: Sequence[str]) -> pd.DataFrame:
    """Make columns factors with the levels given.

    Parameters
    ----------
    orders
        Each a column and its levels: ``"dose=low,mid,high"``, or ``"dose=low<mid<high"`` for an
        ordered factor.

    Raises
    ------
    DataFileError
        There is no such column, or it has values that are not among the levels.

    Examples
    --------
    >>> frame = with_levels(pd.DataFrame({"dose": ["mid", "low"]}), ["dose=low<mid<high"])
    >>> frame["dose"].cat.categories.tolist(), frame["dose"].cat.ordered
    (['low', 'mid', 'high'], True)
    """
    frame = frame.copy()
    for order in orders:
        name, equals, text = order.partition("=")
        ordered = "<" in text
        levels = [level.strip() for level in text.split("<" if ordered else ",")]
        if not equals or len(set(levels)) < max(2, len(levels)) or "" in levels:
            message = f"levels '{order}' must read like 'dose=low,mid,high' or 'dose=low<mid<high'"
            raise DataFileError(message)
        if name not in frame.columns:
            message = f"levels '{order}': there is no column '{name}'; columns are "
            raise DataFileError(message + ", ".join(map(str, frame.columns)))
        column = frame[name]
        texts = column.map(_text, na_action="ignore")
        strange = sorted(set(texts.dropna()) - set(levels))
        if strange:
            message = f"levels '{order}': column '{name}' also has {', '.join(strange[:8])}; "
            raise DataFileError(message + "name every value that occurs")
        frame[name] = pd.Categorical(texts, categories=levels, ordered=ordered)
    return frame


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
