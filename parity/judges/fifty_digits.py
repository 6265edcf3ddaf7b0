"""Estimates at R's theta: both sides must be those of 50-digit arithmetic."""

from parity.compare import compare
from parity.errors import EvidenceError, NotProvidedError
from parity.referee.decision import Decision
from parity.referee.numbers import decide, finding_of, hear_referee
from parity.referee.quantities import computation_of
from parity.referee.witness import hear_rows
from parity.trial import Trial
from parity.verdict import Cause, Finding, Side, Verdict

AGREED = Decision(True, Side.BOTH, Cause.NONE, "both are the numbers of 50-digit arithmetic")


def judge_fifty_digits(trial: Trial) -> Finding:
    """Match if R, Python and 50 digits agree; else the rule of numbers decides."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    compute = computation_of(trial)
    assert compute is not None
    try:
        products = hear_rows(trial)
        referee = hear_referee(trial, products, compute)
        agreed = comparison.passed and referee.ours.passed and referee.theirs.passed
        if agreed:
            return finding_of(comparison, referee, AGREED, {}, Verdict.MATCH)
        decision, why = decide(trial, products, compute, referee)
    except EvidenceError as error:
        raise NotProvidedError(f"50-digit arithmetic is not available: {error}") from error
    return finding_of(comparison, referee, decision, why)
