"""
Numbers so large or small that their products leave the range of floating point.

A variance of a fixed effect is a variance of the response over a square of a predictor; within
these limits both of them, and their quotient, are numbers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ModelError

PREDICTOR = 1e40
RESPONSE = 1e105


def check_response(y: NDArray[np.float64], what: str = "the response") -> None:
    """
    Refuse a response (n,) whose squares overflow, or underflow to nothing.

    Raises
    ------
    ModelError

    Examples
    --------
    >>> check_response(np.array([1e100, -1e-200, 0.0]))
    """
    _check(float(np.abs(y).max(initial=0.0)), RESPONSE, what)


def check_predictors(matrix: NDArray[np.float64], names: Sequence[str]) -> None:
    """
    Refuse columns of a model matrix (n, p) whose squares overflow, or underflow to nothing.

    Raises
    ------
    ModelError
        The message names the column.
    """
    for name, largest in zip(names, np.abs(matrix).max(axis=0, initial=0.0), strict=True):
        _check(float(largest), PREDICTOR, f"the predictor `{name}`")


def _check(largest: float, limit: float, what: str) -> None:
    if largest == 0 or 1 / limit <= largest <= limit:
        return
    raise ModelError(
        f"{what} has values up to {largest:.3g} in size, and products of such numbers leave the "
        f"range of floating point: give it in other units, in which its largest value lies between "
        f"{1 / limit:g} and {limit:g}"
    )
