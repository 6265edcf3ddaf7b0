"""The two variance components of a random-intercept fit, under the names of the oracles."""

from typing import Any

from parity.values import Value


def components(fit: Any) -> Value:
    """Return the variances between and within groups."""
    sigma = float(fit.sigma)
    between = (float(fit.theta[0]) * sigma) ** 2
    return Value.of({"variance between": between, "variance within": sigma**2})
