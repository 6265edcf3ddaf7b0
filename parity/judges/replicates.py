"""Bootstraps replicate by replicate: exact at R's points, one-sided at the optima."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parity.compare import Comparison, compare
from parity.judges.agreement import criteria_agree
from parity.referee.decision import Decision, Stop, decide_stop
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Cause, Finding, Ruling, Side, Verdict

Array = NDArray[np.float64]
_STEPS = np.linspace(0.0, 1.0, 9)
_BOUNDARY = 1e-4  # lme4's isSingular


@dataclass(frozen=True)
class Replayed:
    """Every replicate's model, built by itself, at both sides' points.

    Attributes
    ----------
    at_r, at_ours
        Estimates and criterion ``(B, k)`` by our functions at R's theta and at ours.
    exact
        R's replicates against `at_r`.
    own
        Our replicates against `at_ours`.
    """

    at_r: Value
    at_ours: Value
    exact: Comparison
    own: Comparison

    @property
    def excess(self) -> Array:
        """Our optimum less R's ``(B,)``, by one and the same function."""
        excess: Array = self.at_ours.numbers[:, -1] - self.at_r.numbers[:, -1]
        return excess


def judge_replicates(trial: Trial) -> Finding:
    """Ask four things of every replicate, and of R's and our bootstrap as a whole.

    At R's theta our estimates and criterion are R's (so the data are the same, and the model);
    the batched refits report what holds at their theta; our criterion is no higher than R's; and
    estimates agree, or R's point is the worse one. Where R's refit failed there is nothing to
    compare: the others are.
    """
    lost = lost_by_r(trial)
    if lost.any() and not lost.all():
        return _judge_the_others(trial, lost)
    tolerance = trial.tolerance
    comparison = compare(trial.expected, trial.observed, tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    replayed = replay(trial)
    excess = replayed.excess
    allowed = tolerance.allowed(trial.expected.numbers)
    difference = np.abs(trial.expected.numbers - trial.observed.numbers)
    apart = np.asarray((difference > allowed).any(axis=1))
    evidence = {
        "replicates": f"{len(excess)}, of which {int(apart.sum())} differ by more than allowed",
        "R's estimates and criterion at R's theta, against ours there": _said(replayed.exact),
        "our batched refits against each replicate's model by itself": _said(replayed.own),
        "our optimum less R's, over the replicates": (
            f"{excess.min():.2e} to {excess.max():.2e} (allowed: up to {tolerance.criterion:g})"
        ),
    }

    def finding(verdict: Verdict, reason: str) -> Finding:
        return Finding(verdict, reason, comparison, evidence)

    pairs = zip(trial.expected.numbers[:, -1], replayed.at_r.numbers[:, -1], strict=True)
    share = tolerance.chain / 10  # ten digits, but where the responses differ by rounding
    if not all(criteria_agree(float(r), float(us), share) for r, us in pairs):
        return finding(Verdict.MISMATCH, "the deviance functions of a replicate differ")
    reported = trial.answer.evidence["reported"].numbers
    pairs = zip(reported, trial.expected.numbers[:, -1], strict=True)
    if not all(criteria_agree(float(refit), float(function)) for refit, function in pairs):
        reason = "R's refits report another criterion than R's deviance function at their theta"
        return finding(Verdict.MISMATCH, reason)
    if not replayed.exact.passed:
        return finding(Verdict.MISMATCH, f"not R's at R's theta: {replayed.exact.problem}")
    if not replayed.own.passed:
        return finding(Verdict.MISMATCH, f"not what holds at our theta: {replayed.own.problem}")
    if not (excess <= tolerance.criterion).all():
        return finding(Verdict.MISMATCH, "in a replicate our optimum is the worse one")
    if not apart.any():
        return finding(Verdict.MATCH, "the same replicates")
    decisions = _decide(trial, apart, -excess)
    if not all(decision.explained for decision in decisions):
        reason = f"R's optimum is no worse: {comparison.problem}"
        return finding(Verdict.MISMATCH, reason)
    causes = [decision.cause for decision in decisions]
    counts = [f"{causes.count(cause)} {cause}" for cause in dict.fromkeys(causes)]
    evidence["why, replicate by replicate"] = ", ".join(counts)
    worse = [cause for cause in causes if cause is not Cause.FLAT]
    if not worse:
        sentence = "both are right: where they differ, the criterion is flat between the two"
        ruling = Ruling(Side.BOTH, Cause.FLAT, sentence)
        reason = "the criterion is flat between the two, in every replicate that differs"
        return replace(finding(Verdict.EXPLAINED, reason), ruling=ruling)
    sentence = (
        f"in {len(worse)} of {len(excess)} replicates Python's point is the better one, by up to "
        f"{-excess[apart].min():.3g} ({', '.join(counts)}); in the others R and Python agree"
    )
    ruling = Ruling(Side.PYTHON, worse[0], sentence)
    reason = "R's refits stop early in some replicates: R's point is the worse one in each"
    if len(worse) < len(causes):
        reason += ", or the criterion is flat between the two"
    return replace(finding(Verdict.EXPLAINED, reason), ruling=ruling)


def lost_by_r(trial: Trial) -> NDArray[np.bool_]:
    """Say which replicates ``(B,)`` are NA in R and not with us."""
    ours = np.isfinite(trial.observed.numbers).all(axis=1)
    return np.asarray(np.isnan(trial.expected.numbers).all(axis=1) & ours)


def _judge_the_others(trial: Trial, lost: NDArray[np.bool_]) -> Finding:
    """Judge with our numbers in the places where R has none, and say so."""
    count = f"{int(lost.sum())} of {len(lost)} replicates"
    expected, reported = trial.expected.numbers.copy(), trial.answer.evidence["reported"]
    filled = reported.numbers.copy()
    expected[lost], filled[lost] = trial.observed.numbers[lost], trial.observed.numbers[lost, -1]
    answer = replace(
        trial.answer,
        value=replace(trial.expected, numbers=expected),
        evidence={**trial.answer.evidence, "reported": replace(reported, numbers=filled)},
    )
    found = judge_replicates(replace(trial, answer=answer))
    evidence = {"R has no refit": f"in {count}: they are NA", **found.evidence}
    if found.verdict.fails:
        return replace(found, evidence=evidence)
    reason = f"R's refit failed in {count}, which are NA; in the others: {found.reason}"
    return replace(found, verdict=Verdict.EXPLAINED, reason=reason, evidence=evidence)


def _decide(trial: Trial, apart: NDArray[np.bool_], gap: Array) -> list[Decision]:
    """Decide each replicate that differs, by the way from R's point to ours.

    Slopes are not asked for: downhill all the way says that R's point is no optimum, and where
    an entry of theta is zero, so that the slope is too, that it is a saddle.
    """
    rises, bound = _rise_between(trial), _at_boundary(trial.expected)
    allowed = trial.tolerance.criterion
    decisions = []
    for k in np.flatnonzero(apart):
        on_bound, downhill = bool(bound[k]), bool(rises[k] <= allowed)
        stop = Stop(float(gap[k]), 0.0, saddle=on_bound and downhill, on_bound=on_bound)
        decisions.append(decide_stop(float(gap[k]), float(rises[k]), stop, allowed))
    return decisions


def replay(trial: Trial) -> Replayed:
    """Evaluate every replicate's own model at R's theta and at ours."""
    theirs, ours, kept = r_thetas(trial), thetas(trial, trial.observed), ~lost_by_r(trial)
    both = at_points(trial, np.stack([theirs, ours], axis=1))
    at_r, at_ours = (
        Value(both[:, k], trial.observed.names, np.zeros(both[:, k].shape, bool)) for k in (0, 1)
    )
    link = Tolerance("chain", "link", 1e-9, trial.tolerance.chain, "column", "a link")
    exact = compare(_rows(trial.expected, kept), _rows(at_r, kept), link)
    return Replayed(at_r, at_ours, exact, compare(at_ours, trial.observed, link))


def r_thetas(trial: Trial) -> Array:
    """Return R's theta of every replicate ``(B, t)``; ours where R has none."""
    theirs, lost = thetas(trial, trial.expected).copy(), lost_by_r(trial)
    theirs[lost] = thetas(trial, trial.observed)[lost]
    return theirs


def _rows(value: Value, kept: NDArray[np.bool_]) -> Value:
    return Value(value.numbers[kept], (None, *value.names[1:]), value.missing[kept])


def thetas(trial: Trial, value: Value) -> Array:
    """Return the columns of theta ``(B, t)``."""
    fitted, _ = trial.model_sides()
    return value.numbers[:, : len(fitted.theta)]


def at_points(trial: Trial, points: Array) -> Array:
    """Return our estimates ``(B, m, k)`` of every replicate at its own points ``(B, m, t)``."""
    fitted, theta = trial.model_sides()
    stacked = Value.of(points.reshape(-1, points.shape[-1]))
    found = fitted.quantity(trial.probe.name, theta, **{**trial.case.inputs, "at": stacked})
    return found.numbers.reshape(*points.shape[:2], -1)


def _rise_between(trial: Trial) -> Array:
    """Rise ``(B,)`` of each replicate's criterion between R's theta and ours, above both."""
    theirs, ours = thetas(trial, trial.expected), thetas(trial, trial.observed)
    points = np.stack([(1 - s) * theirs + s * ours for s in _STEPS], axis=1)
    values = at_points(trial, points)[:, :, -1]
    rise: Array = values.max(axis=1) - values[:, [0, -1]].max(axis=1)
    return rise


def _at_boundary(value: Value) -> NDArray[np.bool_]:
    """Say which replicates have an entry of theta that is zero."""
    names = value.columns or ()
    columns = [i for i, name in enumerate(names) if name.startswith("theta")]
    return np.asarray((np.abs(value.numbers[:, columns]) < _BOUNDARY).any(axis=1))


def _said(comparison: Comparison) -> str:
    return f"differ by at most {comparison.max_abs:.2e}, {comparison.digits:.1f} digits"
