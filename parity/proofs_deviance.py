"""Proofs of the deviations of bootmlm's deviance functions, and of the limits found with them."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.proofs_parts import (
    degrees_of_freedom,
    deviance_of_squared_weights,
    deviance_without_offset,
    profiled,
)
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value

Array = NDArray[np.float64]
Evidence = Mapping[str, str]

_OURS_FOLLOWS = {
    "our deviance function": "equals, at every point, what follows from our criterion (which the "
    "cases of devfun_lme4 compare with lme4's)"
}


def weights_not_rooted(trial: Trial) -> Evidence | None:
    """Square the weights in our model and leave their logarithms out: then it is R's number."""
    points = trial.answer.evidence["points"].numbers
    wrong = deviance_of_squared_weights(trial, points, trial.probe.name)
    return _same_deviance(
        trial,
        wrong,
        "our deviance with squared weights, plus the sum of their logarithms, against R's",
    )


def offset_not_subtracted(trial: Trial) -> Evidence | None:
    """Fit y without the offset, then put the offset into the residuals only."""
    wrong = deviance_without_offset(trial, trial.answer.evidence["points"].numbers)
    return _same_deviance(
        trial,
        wrong,
        "our deviance of y, with the offset taken from the residuals afterwards, against R's",
    )


def limits_of_squared_weights(trial: Trial) -> Evidence | None:
    """Profile our deviance with squared weights: it is as high at R's limits as R's own is."""

    def wrong(points: Array) -> Array | None:
        return deviance_of_squared_weights(trial, points, "devfun_mer2")

    return _limits(trial, wrong, "our profile deviance with squared weights")


def limits_without_offset(trial: Trial) -> Evidence | None:
    """Profile our deviance of y without the offset: it is as high at R's limits as R's own is."""

    def wrong(points: Array) -> Array | None:
        return deviance_without_offset(trial, points)

    return _limits(trial, wrong, "our profile deviance of y, the offset in the residuals only")


DEVIANCE_PROOFS = (
    weights_not_rooted,
    offset_not_subtracted,
    limits_of_squared_weights,
    limits_without_offset,
)


def _same_deviance(trial: Trial, wrong: Array | None, what: str) -> Evidence | None:
    if wrong is None:
        return None
    emulated = compare(trial.expected, Value.of(wrong), trial.tolerance)
    if not emulated.passed or not _ours_follows_from_the_criterion(trial):
        return None
    return {
        **_OURS_FOLLOWS,
        what: f"all {emulated.count} points agree, to {emulated.digits:.1f} digits or more",
    }


def _limits(trial: Trial, wrong: Callable[[Array], Array | None], what: str) -> Evidence | None:
    """Hold the wrong deviance to what R found at its limits, and the right one to ours."""
    fitted, theta = trial.model_sides()
    evidence = trial.answer.evidence
    quantile = float(evidence["quantile"].numbers[0])
    inside = trial.expected.numbers > 0  # a limit of zero is the boundary, and no root
    points = _thetas(trial.expected.numbers[inside])
    values = wrong(np.vstack([theta[None, :], points]))
    if values is None:
        return None
    link = Tolerance("profile", "link", 1e-7, 0.0, "element", "differences of the same criterion")
    emulated = compare(
        Value.of(evidence["excess"].numbers[inside]), Value.of(values[1:] - values[0]), link
    )
    ours = trial.observed.numbers
    least = fitted.criterion(theta)
    height = np.array([fitted.criterion(point) for point in _thetas(ours)]) - least - quantile
    on_profile = (np.abs(height) <= trial.tolerance.criterion) | ((ours == 0) & (height <= 0))
    if not emulated.passed or not on_profile.all():
        return None
    return {
        f"{what}, at R's limits, against R's there": f"differ by at most {emulated.max_abs:.1e}",
        "our profile deviance at our limits, less the quantile": (
            f"at most {np.abs(height[ours > 0]).max(initial=0.0):.1e}"
        ),
    }


def _thetas(icc: Array) -> Array:
    """Return the points ``(k, 1)`` of intraclass correlations."""
    return np.sqrt(icc / (1.0 - icc))[:, None]


def _ours_follows_from_the_criterion(trial: Trial) -> bool:
    """Say whether our deviance function is our criterion, with sigma freed where it is given."""
    fitted, _ = trial.model_sides()
    df = degrees_of_freedom(trial, fitted)
    values = []
    for point in trial.answer.evidence["points"].numbers:
        theta = point[: len(fitted.theta)]
        value = fitted.criterion(theta)
        if len(point) > len(theta):
            rss = float(fitted.quantity("sigma", theta).numbers[0]) ** 2 * df
            variance = point[-1] ** 2
            value += df * math.log(2.0 * math.pi * variance) + rss / variance - profiled(df, rss)
        values.append(value)
    return compare(Value.of(values), trial.observed, trial.tolerance).passed
