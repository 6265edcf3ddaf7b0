"""The statistics of influence cases, as ``influence.R`` has them under the same names."""

from collections.abc import Callable, Sequence
from typing import Any

_STATISTICS: dict[str, Callable[[Any], dict[str, float]]] = {
    "fixef": lambda fit: {str(name): float(x) for name, x in fit.fixef.items()},
    "sigma": lambda fit: {"sigma": float(fit.sigma)},
    "theta": lambda fit: {f"theta{i + 1}": float(x) for i, x in enumerate(fit.theta)},
    "icc": lambda fit: {"icc": float(fit.theta[0] ** 2 / (1.0 + fit.theta[0] ** 2))},
}


def statistic_of(names: Sequence[str]) -> Callable[[Any], dict[str, float]]:
    """Combine statistics into one function of a fit that returns named numbers."""

    def statistic(fit: Any) -> dict[str, float]:
        combined: dict[str, float] = {}
        for name in names:
            combined |= _STATISTICS[name](fit)
        return combined

    return statistic
