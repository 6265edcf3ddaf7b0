"""The one-sided rule of optima: ours must be no worse than R's, by R's own measure."""

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.implementation import Fitted
from parity.judges.agreement import criteria_agree
from parity.oracles.answer import points_input
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Finding, Verdict


def judge_optimum(trial: Trial) -> Finding:
    """Compare the two thetas by the criterion at both, then by distance.

    Live, R's own deviance function is the judge of both. Recorded, R's criterion is known at R's
    theta only; ours judges, after it was seen to equal R's there (and on the grid of
    `devfun_lme4`).
    """
    fitted, theta_r = trial.model_sides()
    ours, reported = trial.observed.numbers[:-1], float(trial.observed.numbers[-1])
    at_r = float(trial.expected.numbers[-1])
    comparison = compare(_theta(trial.expected), _theta(trial.observed), trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    at_r_by_us = fitted.criterion(theta_r)
    judged = trial.oracle.judge(trial.case, "judge", points_input([ours]))
    by_r = trial.answer.oracle == "live" and judged is not None and judged.size == 1
    at_ours = float(judged[0]) if by_r and judged is not None else fitted.criterion(ours)
    excess = at_ours - at_r
    evidence = {
        "judge": "R's own deviance function" if by_r else "our deviance function",
        "criterion at R's theta": f"{at_r:.10f} by R, {at_r_by_us:.10f} by us",
        "criterion at our theta": f"{at_ours:.10f} by the judge, {reported:.10f} as reported",
        "our optimum less R's": f"{excess:.3e} (allowed: up to {trial.tolerance.criterion:g})",
        "largest difference in theta": f"{comparison.max_abs:.3e}",
    }

    def finding(verdict: Verdict, reason: str) -> Finding:
        return Finding(verdict, reason, comparison, evidence)

    if not criteria_agree(at_r, at_r_by_us):
        return finding(Verdict.MISMATCH, "the two deviance functions differ at R's theta")
    if not criteria_agree(at_ours, reported):
        return finding(Verdict.MISMATCH, "the criterion we report is not the one at our theta")
    if not excess <= trial.tolerance.criterion:
        return finding(Verdict.MISMATCH, f"our optimum is {excess:.3e} above R's")
    if comparison.passed:
        return finding(Verdict.MATCH, "the same optimum")
    if excess < 0:
        return finding(Verdict.EXPLAINED, "R stopped early: its point is the worse of the two")
    rise = _rise_between(fitted, theta_r, ours)
    evidence["largest rise between the two"] = f"{rise:.3e}"
    if rise <= trial.tolerance.criterion:
        return finding(Verdict.EXPLAINED, "the criterion is flat between the two thetas")
    return finding(Verdict.MISMATCH, "another theta, and R's point is the better one")


def _theta(value: Value) -> Value:
    names = value.rows
    return Value.of(value.numbers[:-1], None if names is None else names[:-1])


def _rise_between(fitted: Fitted, one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return by how much the criterion rises on the segment, above the higher of its ends."""
    values = [fitted.criterion((1 - t) * one + t * other) for t in np.linspace(0.0, 1.0, 9)]
    return max(values) - max(values[0], values[-1])
