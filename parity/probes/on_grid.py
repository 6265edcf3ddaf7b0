"""A deviance as a function, at the points at which R's was evaluated."""

from collections.abc import Callable, Mapping
from typing import Any

from parity.values import Value


def on_grid(
    deviance_of: Callable[[Any], Callable[[Any], float]],
) -> Callable[[Any, Mapping[str, Any]], Value]:
    """Return what computes the deviance of a fit at each of the points of R's answer."""

    def compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
        deviance = deviance_of(fit)
        return Value.of([deviance(point) for point in inputs["points"].numbers])

    return compute
