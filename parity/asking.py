"""Ask an implementation, and see that what it gives is something that can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.errors import ImplementationError, OwnOptimumError
from parity.implementation import Fitted
from parity.probes import Probe
from parity.values import Value


@dataclass(frozen=True)
class Asked:
    """An answer of an implementation, and whether it holds at its own optimum only."""

    value: Value
    own_optimum: bool = False


def ask(
    fitted: Fitted, probe: Probe, theta: NDArray[np.float64] | None, inputs: Mapping[str, Any]
) -> Asked:
    """Ask a fit at R's theta, or, where it cannot be asked there, at its own.

    Raises
    ------
    NotProvidedError
        If it has not got the quantity at either.
    """
    try:
        return Asked(as_value(fitted.quantity(probe.name, theta, **inputs), probe.name))
    except OwnOptimumError:
        if theta is None or probe.takes:  # what R hands over belongs to R's theta
            raise
    return Asked(as_value(fitted.quantity(probe.name, None, **inputs), probe.name), True)


def as_value(given: object, quantity: str) -> Value:
    """Return what an implementation gave as a `Value`, or say why it is none."""
    try:
        if given is None:
            raise TypeError
        value = Value.of(given)
    except (TypeError, ValueError):
        message = (
            f"for '{quantity}' a number, sequence, array, Series, DataFrame or Value was expected; "
            f"the implementation gave {_described(given)}"
        )
        raise ImplementationError(message) from None
    shape = value.numbers.shape
    sizes = tuple(
        size if labels is None else len(labels)
        for size, labels in zip(shape, value.names, strict=False)
    )
    if len(shape) > 2 or len(value.names) != len(shape) or sizes != shape:
        counts = [None if labels is None else len(labels) for labels in value.names]
        message = (
            f"for '{quantity}' a vector or a matrix was expected, with a name for every row and "
            f"column or none; the implementation gave shape {shape} with {counts} names"
        )
        raise ImplementationError(message)
    return value


def checked_fit(fitted: Any, name: str) -> Fitted:
    """Return a fit that has what a `Fitted` must have.

    Raises
    ------
    ImplementationError
        If something is missing, or theta is no vector of numbers.
    """
    lacking = [verb for verb in ("criterion", "quantity") if not callable(_part(fitted, verb))]
    if _part(fitted, "theta") is None:
        lacking.insert(0, "theta")
    if lacking:
        message = (
            f"`fit` of the implementation '{name}' gave {_described(fitted)}, which has no "
            f"{', '.join(f'`{part}`' for part in lacking)}; see parity.implementation.Fitted"
        )
        raise ImplementationError(message)
    try:
        theta = np.asarray(fitted.theta, dtype=float)
    except (TypeError, ValueError):
        theta = np.empty((0, 0))
    if theta.ndim != 1:
        message = (
            f"`theta` of a fit of the implementation '{name}' must be a vector of numbers; got "
            f"{_described(fitted.theta)}"
        )
        raise ImplementationError(message)
    found: Fitted = fitted
    return found


def _part(thing: object, name: str) -> object:
    return getattr(thing, name, None)


def _described(thing: object) -> str:
    text = repr(thing)
    shown = text if len(text) <= 60 else text[:57] + "..."
    return f"{type(thing).__name__} ({shown})"
