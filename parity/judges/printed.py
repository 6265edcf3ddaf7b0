"""Numbers in print: every printed digit, or the reason why the last ones cannot agree."""

import numpy as np

from parity.compare import compare
from parity.trial import Trial
from parity.verdict import Cause, Finding, Ruling, Side, Verdict


def judge_printed(trial: Trial) -> Finding:
    """Ask that every number rounds to what is printed.

    Moments (bias, standard error) are printed to seven digits, more than lme4's optimiser
    determines: where their last digits differ, the difference must lie within the tolerance.
    """
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    printed, half = trial.expected.numbers, trial.answer.evidence["half_unit"].numbers
    ours = trial.observed.numbers
    difference = np.abs(ours - printed)
    names = trial.expected.rows or ()
    evidence = {
        name: f"{p:.10g} in print, {x:.10g} by us: {d:.1e} apart, half of the last digit is {h:.0e}"
        for name, p, x, d, h in zip(names, printed, ours, difference, half, strict=True)
    }
    if (difference <= half * (1 + 1e-9)).all():
        return Finding(Verdict.MATCH, "every printed digit", comparison, evidence)
    if trial.case.inputs["part"] == "moments" and comparison.passed:
        reason = (
            "R's refits stop at lme4's tolerance: the printed bias and standard error agree to "
            "within what that leaves open"
        )
        evidence["allowed"] = f"{trial.tolerance.absolute:g}"
        sentence = (
            f"open within {trial.tolerance.absolute:g}: the print has digits that lme4's stopping "
            f"rule does not determine; the two are {difference.max():.1e} apart"
        )
        ruling = Ruling(Side.OPEN, Cause.EARLY_STOP, sentence)
        return Finding(Verdict.EXPLAINED, reason, comparison, evidence, ruling=ruling)
    return Finding(Verdict.MISMATCH, "not the printed digits", comparison, evidence)
