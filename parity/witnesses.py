"""What our answer is held to where R has none: the same, computed by us in another way.

This is less than a comparison: both ways are ours. It sees an answer that is not what it says that
it is; a model that is understood wrongly it does not see.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.compare import Comparison, compare
from parity.errors import NotProvidedError
from parity.judges.influence import jackknife_of_refits
from parity.judges.replicates import at_points, thetas
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value

Array = NDArray[np.float64]
BY_ITSELF = "Python's answer, computed in another way"
_STEP = 0.02  # of an entry of theta: rounding and the formula's error are both 1e-8 then


@dataclass(frozen=True)
class Witness:
    """Another way to our answer, and how near it ends."""

    what: str
    comparison: Comparison

    @property
    def said(self) -> str:
        """One clause for the report."""
        if not self.comparison.passed:
            return f"is not {self.what}: {self.comparison.problem}"
        return f"is {self.what}, to {self.comparison.digits:.1f} digits"


def hear_witness(trial: Trial) -> Witness | None:
    """Compute our answer in another way; None where there is none, or not with this library."""
    if trial.probe.name not in _WITNESSES:
        return None
    what, again = _WITNESSES[trial.probe.name]
    try:
        value, tolerance = again(trial)
    except NotProvidedError:
        return None
    return Witness(what, compare(value, trial.observed, tolerance, ("the other way", "ours")))


def link(trial: Trial) -> Tolerance:
    """Return how near two ways of ours must be that differ by rounding alone."""
    return Tolerance("chain", "link", 1e-9, trial.tolerance.chain, "column", "a link")


def _each_by_itself(trial: Trial) -> tuple[Value, Tolerance]:
    """Evaluate every replicate's own model at its theta, where all were refitted at once."""
    found = at_points(trial, thetas(trial, trial.observed)[:, None])[:, 0]
    return Value(found, trial.observed.names, np.zeros(found.shape, bool)), link(trial)


def _jackknife(trial: Trial) -> tuple[Value, Tolerance]:
    numbers = jackknife_of_refits(trial)
    return Value(numbers, trial.observed.names, np.zeros(numbers.shape, bool)), link(trial)


def _differenced(trial: Trial) -> tuple[Value, Tolerance]:
    """Take second differences of the criterion, by two steps, for its Hessian."""
    fitted, theta = trial.model_sides()
    steps = _STEP * np.maximum(np.abs(theta), 0.1 * _unit(theta))
    wide, narrow = (_second_differences(fitted.criterion, theta, h) for h in (steps, steps / 2))
    try:
        numbers = np.asarray(2 * np.linalg.inv((4 * narrow - wide) / 3), np.float64)
    except np.linalg.LinAlgError as error:
        message = "the criterion has no curvature in some direction"
        raise NotProvidedError(message) from error
    value = Value(numbers, trial.observed.names, np.zeros(numbers.shape, bool))
    return value, trial.tolerance


def _unit(theta: Array) -> float:
    """Return the size of theta; where all of it is zero, nothing tells how far near is."""
    unit = float(np.abs(theta).max())
    if not unit > 0:
        message = "theta is zero, so that no step from it is known to be a small one"
        raise NotProvidedError(message)
    return unit


def _second_differences(function: Callable[[Array], float], at: Array, steps: Array) -> Array:
    moves = np.diag(steps)
    hessian = np.empty((len(at), len(at)))
    for i, along in enumerate(moves):
        for j, across in enumerate(moves[: i + 1]):
            corners = [
                a * b * function(at + a * along + b * across) for a in (1, -1) for b in (1, -1)
            ]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4 * steps[i] * steps[j])
    return hessian


def _lowest_around(trial: Trial) -> tuple[Value, Tolerance]:
    """Take the lowest criterion at theta and around it, entry by entry, near and far."""
    fitted, theta = trial.model_sides()
    sizes = np.maximum(np.abs(theta), 1e-3 * _unit(theta))
    moves = [s * move for move in np.diag(sizes) for s in (0.3, -0.3, 1e-2, -1e-2, 1e-4, -1e-4)]
    lowest = min(fitted.criterion(theta + move) for move in [np.zeros_like(theta), *moves])
    numbers = np.array([*theta, lowest])
    rule = Tolerance(
        "lowest", "optimum", trial.tolerance.criterion, 0.0, "element", "as between R's and ours"
    )
    return Value(numbers, trial.observed.names, np.zeros(numbers.shape, bool)), rule


_ALONE = "what each replicate's model is by itself at its theta"
_DELETED = "the jackknife of its own refits, one deletion after the other"

_WITNESSES: dict[str, tuple[str, Callable[[Trial], tuple[Value, Tolerance]]]] = {
    "bootstrap_case": (_ALONE, _each_by_itself),
    "bootstrap_mer": (_ALONE, _each_by_itself),
    "empinf_mer": (_DELETED, _jackknife),
    "empinf_merm": (_DELETED, _jackknife),
    "optimum": ("the lowest point among its neighbours", _lowest_around),
    "vcov_theta": ("the inverse of the criterion's second differences", _differenced),
}
