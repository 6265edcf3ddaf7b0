"""Profiles of every parameter: at R's points, and at the limits that are read off them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from parity.compare import Comparison, compare
from parity.tolerances import Tolerance
from parity.trial import Trial, thin_alike
from parity.values import Value
from parity.verdict import Cause, Finding, Ruling, Side, Verdict

Array = NDArray[np.float64]
# R's own deviance function, minimised again with the parameter held, against our profile: two
# minima of one function, each known to 1e-7.
AGAIN = Tolerance("again", "link", 1e-5, 1e-7, "element", "two minima of one function")
_EARLY = 0.5  # of the deviance; more is no early stop but another function
_NEAR = 4.0  # times the quantile, or a part of it, is near a limit
_BY_R = "R's own deviance function, minimised again at its points, against ours"


def judge_profile_points(trial: Trial) -> Finding:
    """Compare our profile with R's at R's points; where R's is higher, with R's own function.

    lme4 minimises over the other parameters once at each point, from the point before. Where it
    stops early its profile is too high, and R's own deviance function says so.
    """
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    again = compare(thin_alike(trial.answer.evidence["again"], trial.answer), trial.observed, AGAIN)
    evidence = {_BY_R: f"differs by at most {again.max_abs:.1e}"}
    if comparison.passed:
        return Finding(Verdict.MATCH, "the same profile", comparison, evidence)
    theirs, ours = np.abs(trial.expected.numbers), np.abs(trial.observed.numbers)
    apart = np.abs(theirs - ours) > trial.tolerance.allowed(trial.expected.numbers)
    excess = theirs - ours
    if not again.passed or not ((excess[apart] > 0) & (excess[apart] < _EARLY)).all():
        return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence)
    reason = (
        f"at {int(apart.sum())} of {len(apart)} points lme4's profile is too high, by up to "
        f"{excess.max():.2g}: R's own deviance function, minimised again, gives ours"
    )
    ruling = Ruling(Side.PYTHON, Cause.EARLY_STOP, f"Python is right: {reason}")
    return replace(Finding(Verdict.EXPLAINED, reason, comparison, evidence), ruling=ruling)


def judge_limits(trial: Trial) -> Finding:
    """Ask of our profile whether it is right at R's points, and of each limit if it lies on it.

    R reads its limits off a spline through the points that it computed. So the deviance is
    compared at those points, by R's own function and by ours; then it has to have risen at a limit
    by the quantile, unless the domain ends before.
    """
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    points = again_at_points(trial)
    evidence = {_BY_R: f"differs by at most {points.max_abs:.1e} at {points.count} points"}
    if not points.passed:
        reason = f"the two deviances differ at R's points: {points.problem}"
        return Finding(Verdict.MISMATCH, reason, comparison, evidence)
    ours, theirs = misses(trial, trial.observed), misses(trial, trial.expected)
    evidence |= {
        "deviance at our limits less the quantile's": f"at most {ours.max():.1e} off",
        "deviance at R's limits less the quantile's": f"up to {theirs.max():.1e} off",
    }
    if not (ours <= trial.tolerance.criterion).all():
        reason = "our limit is not where the deviance has risen by the quantile"
        return Finding(Verdict.MISMATCH, reason, comparison, evidence)
    if comparison.passed:
        return Finding(Verdict.MATCH, "the same limits", comparison, evidence)
    apart = np.abs(trial.expected.numbers - trial.observed.numbers) > trial.tolerance.allowed(
        trial.expected.numbers
    )
    if not (theirs[apart] > ours[apart]).all():
        return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence)
    reason = (
        "R reads its limits off a spline through points of the profile: they miss the quantile by "
        f"up to {theirs[apart].max():.1e} of the deviance, ours by {ours.max():.1e}"
    )
    ruling = Ruling(Side.PYTHON, Cause.EARLY_STOP, f"Python's limits are the better ones: {reason}")
    return replace(Finding(Verdict.EXPLAINED, reason, comparison, evidence), ruling=ruling)


def again_at_points(trial: Trial) -> Comparison:
    """Compare the rise of the deviance by R's own function and by ours, at points near limits."""
    points, again = trial.answer.evidence["points"], trial.answer.evidence["again"].numbers
    heights = np.abs(again) / float(chdtri(1, 1 - trial.case.inputs["level"]))
    near = (heights > 1 / _NEAR) & (heights < _NEAR)
    names = [name for name, kept in zip(points.rows or (), near, strict=True) if kept]
    ours = rises_at(trial, Value.of(points.numbers[near], names=names))
    return compare(Value.of(again[near]), Value.of(ours.numbers), AGAIN)


def rises_at(trial: Trial, points: Value) -> Value:
    """Rise of the deviance, with zeta's sign, at values of parameters named by the rows."""
    fitted, theta = trial.model_sides()
    return fitted.quantity("profile_zeta", theta, points=points)


def misses(trial: Trial, limits: Value) -> Array:
    """How far the rise at each limit ``(k, 2)`` is from the quantile.

    A limit at the end of the domain (0, -1, 1), where the deviance has not yet risen so far, misses
    nothing.
    """
    quantile = float(chdtri(1, 1 - trial.case.inputs["level"]))
    names = np.repeat(np.array(limits.rows, dtype=object), 2)
    values = limits.numbers.ravel()
    at = Value.of(values, names=[str(name) for name in names])
    rise = np.abs(rises_at(trial, at).numbers)
    end = np.array(
        [
            name.startswith(".sig") and value in (-1.0, 0.0, 1.0)
            for name, value in zip(names, values, strict=True)
        ]
    )
    miss = np.where(end & (rise <= quantile), 0.0, np.abs(rise - quantile))
    return np.asarray(miss.reshape(limits.numbers.shape))
