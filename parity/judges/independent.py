"""Ours against a source that is neither R nor us; R's digits are told beside ours."""

from parity.compare import Comparison, compare
from parity.trial import Trial
from parity.verdict import Finding, Verdict


def judge_independent(trial: Trial) -> Finding:
    """Match if every number agrees with the independent one within the tolerance."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    evidence = {
        "independent source": trial.answer.versions["source"],
        "digits reached by us": _digits(comparison),
    }
    theirs = trial.answer.evidence.get("R")
    if theirs is not None:
        beside = trial.answer.versions["R's numbers beside"]
        reached = _digits(compare(trial.expected, theirs, trial.tolerance))
        evidence["digits reached by R"] = f"{reached} ({beside})"
    if comparison.passed:
        return Finding(Verdict.MATCH, "the independent source's numbers", comparison, evidence)
    return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence)


def _digits(comparison: Comparison) -> str:
    if not comparison.comparable:
        return f"none: {comparison.problem}"
    return f"{comparison.digits:.1f}"
