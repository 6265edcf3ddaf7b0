"""Covariances from R's numeric Hessian: near R's, or near what R says with another step."""

from parity.compare import compare
from parity.errors import EvidenceError
from parity.referee.numbers import Referee, hear_referee
from parity.referee.parts import DIGITS
from parity.referee.quantities import computation_of
from parity.referee.witness import hear_rows
from parity.trial import Trial
from parity.verdict import Cause, Finding, Ruling, Side, Verdict


def judge_hessian(trial: Trial) -> Finding:
    """Compare with R's answer; where it drowns in rounding, with R's own witness and 50 digits."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    name, step, because = _STEPS[trial.probe.name]
    evidence = {"R's answer against ours": f"{comparison.digits:.1f} digits"}
    other_step = False
    if name in trial.answer.evidence:
        other = compare(trial.answer.evidence[name], trial.observed, trial.tolerance)
        other_step = other.passed
        evidence[f"R's own deviance function, differentiated with {step}, against ours"] = (
            f"{other.digits:.1f} digits" if other.comparable else other.problem
        )
    if comparison.passed:
        return Finding(Verdict.MATCH, "all numbers agree", comparison, evidence)
    referee = _referee(trial, evidence)
    ours_holds = referee is None or referee.ours.passed
    if _steps_fail(trial) and other_step and ours_holds:
        reason = because
        sentence = f"Python is right{_digits(referee)}: {reason}"
        ruling = Ruling(Side.PYTHON, Cause.ROUNDING, sentence)
        return Finding(Verdict.EXPLAINED, reason, comparison, evidence, ruling=ruling)
    if referee is None:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence)
    sides = {(True, True): Side.BOTH, (True, False): Side.R, (False, True): Side.PYTHON}
    nearer = sides.get((referee.theirs.passed, referee.ours.passed), Side.NEITHER)
    sentence = f"right: {nearer}{_digits(referee)}; nothing shows why they differ"
    ruling = Ruling(nearer, Cause.UNKNOWN, sentence)
    return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence, ruling=ruling)


# By quantity: the evidence of another step, the step in words, and why R's own step fails.
_STEPS = {
    "vcov_theta": (
        "wide_step",
        "a step of 0.01 from entries that are zero",
        "numDeriv's step of 1e-4 from an entry of theta that is zero drowns in rounding; with a "
        "wider step R's Hessian is ours",
    ),
    "vcov_vc": (
        "narrow_step",
        "steps a tenth as wide",
        "numDeriv's steps, a tenth of each component, are too wide so near the edge of the "
        "parameter space; with steps a tenth as wide R's Hessian is ours",
    ),
}


def _steps_fail(trial: Trial) -> bool:
    """Say whether R's own step can be at fault: always where it is wide; narrow, at a zero only."""
    if trial.probe.name == "vcov_vc":
        return True
    return trial.answer.theta is not None and bool((abs(trial.answer.theta) < 1e-4).any())


def _referee(trial: Trial, evidence: dict[str, str]) -> Referee | None:
    """Ask 50-digit arithmetic for the Hessian; note what it says, or why it says nothing."""
    compute = computation_of(trial)
    name = f"the Hessian in {DIGITS}-digit arithmetic"
    if compute is None:
        return None
    try:
        referee = hear_referee(trial, hear_rows(trial), compute)
    except EvidenceError as error:
        evidence[name] = f"not available: {error}"
        return None
    evidence[name] = (
        f"R's answer has {referee.theirs.digits:.1f} of its digits, "
        f"Python's {referee.ours.digits:.1f}"
    )
    return referee


def _digits(referee: Referee | None) -> str:
    if referee is None:
        return ""
    return (
        f" (of the 50-digit value R has {referee.theirs.digits:.1f} digits, "
        f"Python {referee.ours.digits:.1f})"
    )
