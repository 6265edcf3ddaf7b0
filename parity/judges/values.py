"""The plain rule: the same numbers under the same names."""

from parity.compare import compare
from parity.referee.numbers import referee_numbers
from parity.trial import Trial
from parity.verdict import Finding, Verdict


def judge_values(trial: Trial) -> Finding:
    """Match if every number agrees within the tolerance; where one does not, ask the referee."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if comparison.passed:
        return Finding(Verdict.MATCH, "all numbers agree", comparison)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    return referee_numbers(trial, comparison)
