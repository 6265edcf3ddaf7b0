"""Statistics of a fit: what a user's function may return, and how it becomes a named vector."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.exceptions import StatisticError

Array = NDArray[np.float64]
# Typed loosely on purpose: what is passed answers like a fit, and any number-like result is fine.
Statistic = Callable[[Any], Any]


def named_values(
    statistic: Statistic, fit: Any, expected: int | None = None, where: str | None = None
) -> tuple[list[str], Array]:
    """Call a statistic, and turn what it returns into names and numbers.

    Parameters
    ----------
    statistic : callable
        Returns a number, an array, a Series or a mapping of numbers.
    fit : LmerFit or Refit
    expected : int, optional
        Length that the result must have.
    where : str, optional
        The replicate or cluster, for messages.

    Returns
    -------
    names : list of str
        Keys, index, or ``"t1"``, ``"t2"``, ... where the result has none and `expected` is not
        given.
    values : (k,) array

    Raises
    ------
    StatisticError
        The statistic raises, or returns nothing numeric or another length.
    """
    place = "" if where is None else f" (at {where!r})"
    try:
        result = statistic(fit)
    except Exception as error:
        said = str(error).removesuffix(".")
        raise StatisticError(
            f"`statistic` raised {type(error).__name__}: {said}{place}."
        ) from error
    kind, names = type(result).__name__, None
    if isinstance(result, Mapping):
        names, result = [str(key) for key in result], list(result.values())
    elif isinstance(result, pd.Series):
        names = [str(key) for key in result.index]
    try:
        # NumPy would take None, what a function without a return statement returns, for NaN.
        values = np.atleast_1d(np.asarray([] if result is None else result, dtype=float)).ravel()
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.size == 0 or (names is not None and len(names) != values.size):
        raise StatisticError(
            "`statistic` must return numbers (a number, an array, a Series or a dict of numbers); "
            f"got {kind}{place}."
        )
    if expected is not None and values.size != expected:
        raise StatisticError(
            f"`statistic` must always return as many numbers as on the fit itself ({expected}); "
            f"got {values.size}{place}."
        )
    if expected is None and names is None:
        names = [f"t{i + 1}" for i in range(values.size)]
    return names or [], values
