"""Refits, a row each: at our own optima, or evaluated at points that somebody else found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.values import Names, Value

Array = NDArray[np.float64]


def estimates_of(fit: Any) -> Array:
    """Theta, fixed effects, sigma and criterion, as ``answer_refits`` of refitted.R has them."""
    return np.concatenate([fit.theta, fit.beta, [fit.sigma], [fit.criterion]])


def columns_of(fit: Any, extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of `estimates_of`, further columns before the criterion."""
    thetas = (f"theta{i + 1}" for i in range(len(fit.theta)))
    return (*thetas, *fit.fixef.index, "sigma", *extra, "criterion")


def refits(fits: Sequence[Any], inputs: Mapping[str, Any], names: Names = None) -> Value:
    """Return a row of estimates a fit; with ``at``, of each fit at each of its points instead."""
    if "at" in inputs:
        names = None
        t = np.stack([estimates_of(fit.at_theta(point)) for fit, point in points_of(fits, inputs)])
    else:
        t = np.stack([estimates_of(fit) for fit in fits])
    return Value(t, (names, columns_of(fits[0])), np.zeros(t.shape, bool))


def points_of(fits: Sequence[Any], inputs: Mapping[str, Any]) -> list[tuple[Any, Array]]:
    """Pair every fit with each of its points, fit by fit."""
    points = inputs["at"].numbers
    each = len(points) // len(fits)
    return [(fits[k // each], point) for k, point in enumerate(points)]


def one_refit(refit: Callable[[Any, Mapping[str, Any]], Any]) -> Callable[..., Value]:
    """Return what computes the row of a single refit."""

    def compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
        return refits([refit(fit, inputs)], inputs)

    return compute
