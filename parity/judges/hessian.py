"""Covariances from R's numeric Hessian: near R's, or near what R says with a wider step."""

from parity.compare import compare
from parity.trial import Trial
from parity.verdict import Finding, Verdict


def judge_hessian(trial: Trial) -> Finding:
    """Compare with R's answer; where it drowns in rounding, with R's own witness."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    witness = trial.answer.evidence["wide_step"]
    wide = compare(witness, trial.observed, trial.tolerance)
    evidence = {
        "R's answer against ours": f"{comparison.digits:.1f} digits",
        "R's own deviance function, differentiated with a step of 0.01 from entries that are "
        "zero, against ours": f"{wide.digits:.1f} digits",
    }
    if comparison.passed:
        return Finding(Verdict.MATCH, "all numbers agree", comparison, evidence)
    at_zero = trial.answer.theta is not None and bool((abs(trial.answer.theta) < 1e-4).any())
    if at_zero and wide.passed:
        reason = (
            "numDeriv's step of 1e-4 from an entry of theta that is zero drowns in rounding; "
            "with a wider step R's Hessian is ours"
        )
        return Finding(Verdict.EXPLAINED, reason, comparison, evidence)
    return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence)
