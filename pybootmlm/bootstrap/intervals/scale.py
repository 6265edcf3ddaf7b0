"""The scale on which intervals are calculated: a transformation, its slope and its inverse."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError

Array = NDArray[np.float64]
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Scale:
    """Functions of arrays; one that is None is the identity (and the slope 1).

    Attributes
    ----------
    h : callable or None
        The transformation.
    hdot : callable or None
        Its derivative.
    hinv : callable or None
        What limits are carried back with.

    Examples
    --------
    >>> log = Scale(np.log, lambda t: 1 / t, np.exp)
    >>> log.forward(np.array([1.0, np.e])).tolist(), log.slope(2.0)
    ([0.0, 1.0], 0.5)
    """

    h: Function | None = None
    hdot: Function | None = None
    hinv: Function | None = None

    def __post_init__(self) -> None:
        for name in ("h", "hdot", "hinv"):
            function = getattr(self, name)
            if function is not None and not callable(function):
                raise ArgumentError(
                    f"`{name}` must be a function of an array; got {type(function).__name__}."
                )

    def forward(self, values: Array) -> Array:
        """`h` of an array of the same shape."""
        return values if self.h is None else _applied(self.h, values, "h")

    def forward_one(self, value: float) -> float:
        """`h` of the estimate, which must be finite.

        Raises
        ------
        ArgumentError
            It is not.
        """
        found = float(self.forward(np.array([value]))[0])
        if not np.isfinite(found):
            raise ArgumentError(
                f"`h` must be finite at the estimate {value!r}; got {found}. Percentile and bca "
                "intervals do not need `h`: leave it out for these."
            )
        return found

    def back(self, values: Array) -> Array:
        """`hinv` of an array of the same shape."""
        return values if self.hinv is None else _applied(self.hinv, values, "hinv")

    def slope(self, value: float) -> float:
        """`hdot` at a number."""
        return float(self.slopes(np.array([value]))[0])

    def slopes(self, values: Array) -> Array:
        """`hdot` of an array of the same shape.

        Raises
        ------
        ArgumentError
            There is an `h` and no `hdot`.
        """
        if self.hdot is not None:
            return _applied(self.hdot, values, "hdot")
        if self.h is not None:
            raise ArgumentError(
                "`hdot` must be given with `h` where a variance is carried to the scale of `h` "
                "(`var_t0`, `var_t`, or a pair of indices): its derivative, such as "
                "`lambda t: 1 / t` for the logarithm."
            )
        return np.ones_like(values)


def _applied(function: Function, values: Array, argument: str) -> Array:
    try:
        with np.errstate(all="ignore"):  # what is not finite is looked at afterwards
            found = np.asarray(function(values.copy()), dtype=float)
            if found.shape == ():
                found = np.full(values.shape, float(found))
    except Exception as error:
        raise ArgumentError(
            f"`{argument}` must be a function of an array, such as `np.log`; it raised "
            f"{type(error).__name__}: {error}"
        ) from error
    if found.shape != values.shape:
        raise ArgumentError(
            f"`{argument}` must return as many numbers as it is given ({values.size}); got an "
            f"array of shape {found.shape}."
        )
    return found
