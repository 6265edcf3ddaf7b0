"""Variance components at the edge of the parameter space, where they have no covariance matrix."""

import numpy as np
from numpy.typing import NDArray

from parity.emulation.deviance import right_deviance
from parity.proofs.evidence import Evidence
from parity.proofs.native import native_fit
from parity.trial import Trial

Array = NDArray[np.float64]

_BOUNDARY = 1e-4  # lme4's isSingular
_STEPS = (1e-2, 1e-3)  # in theta
_SAME = 0.02  # by how much two slopes of one line may differ, relatively


def boundary_is_not_stationary(trial: Trial) -> Evidence | None:
    """Show that at the fit's edge the criterion has a slope in a squared entry of theta.

    Where a variance is zero (or a correlation one) the criterion rises from there in proportion
    to the square of the entry of theta, that is, to the variance: two steps must give one and
    the same slope, by R's own deviance function where R can be asked. So it is no minimum, and
    twice the inverse Hessian estimates nothing. For a variance of zero with one random effect
    what R returns for the standard deviation is shown to be that slope's reciprocal.
    """
    _, theta = trial.model_sides()
    edge = _edge(trial)
    if not len(edge):
        return None
    evidence: dict[str, str] = {}
    for i in edge:
        found, by = _slopes(trial, theta, int(i))
        if not (found > 0).all() or np.ptp(found) > _SAME * found.max():
            return None
        evidence[f"slope of the criterion in theta{i + 1}^2 at its bound, by {by}"] = (
            f"{found[-1]:.4g} (with a step ten times as large {found[0]:.4g}), not 0"
        )
    reciprocal = _reciprocal(trial)
    if reciprocal is None:
        return evidence
    theirs = float(trial.expected.numbers[0, 0])
    if abs(theirs - reciprocal) > _SAME * reciprocal:
        return None
    evidence["what R calls the variance of the zero standard deviation"] = (
        f"{theirs:.6g}: sigma^2 over that slope, {reciprocal:.6g}"
    )
    return evidence


def _edge(trial: Trial) -> NDArray[np.intp]:
    """Diagonal entries of theta that are zero at R's fit."""
    fit = native_fit(trial)
    at_zero = np.abs(fit.theta) < _BOUNDARY
    return np.flatnonzero(at_zero & fit.labels.covariance.on_diagonal)


def _slopes(trial: Trial, theta: Array, i: int) -> tuple[Array, str]:
    """Rises of the criterion per squared step of one entry, and who evaluated it."""
    fitted, _ = trial.model_sides()
    points = [theta.copy() for _ in range(1 + len(_STEPS))]
    points[0][i] = 0.0
    for point, step in zip(points[1:], _STEPS, strict=True):
        point[i] = step
    judged = trial.oracle.judge(trial.case, "judge", {"points": np.concatenate(points).tolist()})
    by = "R's own deviance function"
    if judged is None or len(judged) != len(points):
        judged, by = np.array([fitted.criterion(point) for point in points]), "ours"
    return (judged[1:] - judged[0]) / np.square(_STEPS), by


def _reciprocal(trial: Trial) -> float | None:
    """Return sigma^2 over the slope at that sigma, for the standard deviation of an only effect."""
    fit = native_fit(trial)
    if fit.theta.size > 1 or not trial.case.inputs["sd_cor"]:
        return None
    step = _STEPS[-1]
    low, high = right_deviance(fit)(np.array([[0.0, fit.sigma], [step, fit.sigma]]))
    return float(fit.sigma**2 * step**2 / (high - low))
