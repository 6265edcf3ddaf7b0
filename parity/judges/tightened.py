"""The lowest that R reaches when told to look harder: ours must be as low."""

from parity.compare import compare
from parity.judges.agreement import criteria_agree
from parity.referee.tightened import tightened_of
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Finding, Verdict


def judge_tightened(trial: Trial) -> Finding:
    """Match if no optimiser of R's gets lower than we do, by our criterion at both points."""
    fitted, _ = trial.model_sides()
    ours, reported = trial.observed.numbers[:-1], float(trial.observed.numbers[-1])
    whole = compare(trial.expected, trial.observed, trial.tolerance)
    if not whole.comparable:
        return Finding(Verdict.MISMATCH, whole.problem, whole)
    comparison = compare(_last(trial.expected), _last(trial.observed), trial.tolerance)
    found = tightened_of(trial.expected, trial.answer.evidence)
    at_best, at_ours = fitted.criterion(found.theta), fitted.criterion(ours)
    excess = at_ours - at_best
    evidence = {
        "R, told to look harder": found.said,
        "criterion at the lowest point": f"{found.criterion:.10f} by R, {at_best:.10f} by us",
        "criterion at our theta": f"{at_ours:.10f}, {reported:.10f} as reported",
        "our optimum less the lowest": f"{excess:.1e} (allowed: {trial.tolerance.criterion:g})",
    }

    def finding(verdict: Verdict, reason: str) -> Finding:
        return Finding(verdict, reason, comparison, evidence)

    if not criteria_agree(found.criterion, at_best):
        return finding(Verdict.MISMATCH, "the two deviance functions differ at R's lowest point")
    if not criteria_agree(at_ours, reported):
        return finding(Verdict.MISMATCH, "the criterion we report is not the one at our theta")
    if not excess <= trial.tolerance.criterion:
        return finding(Verdict.MISMATCH, f"our optimum is {excess:.3e} above what R reaches")
    return finding(Verdict.MATCH, "R, told to look harder, gets no lower")


def _last(value: Value) -> Value:
    return Value.of(value.numbers[-1:], ["criterion"])
