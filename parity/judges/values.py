"""The plain rule: the same numbers under the same names."""

from parity.compare import compare
from parity.trial import Trial
from parity.verdict import Finding, Verdict


def judge_values(trial: Trial) -> Finding:
    """Match if every number agrees within the tolerance."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if comparison.passed:
        return Finding(Verdict.MATCH, "all numbers agree", comparison)
    return Finding(Verdict.MISMATCH, comparison.problem, comparison)
