"""Profile limits: near R's, and at the right height of R's own profile deviance."""

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.trial import Trial
from parity.verdict import Cause, Finding, Ruling, Side, Verdict


def judge_profile(trial: Trial) -> Finding:
    """Ask whether each of our limits lies on the profile at the chi-square quantile."""
    comparison = compare(trial.expected, trial.observed, trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    limits = trial.observed.numbers
    quantile = float(trial.answer.evidence["quantile"].numbers[0])
    theirs = trial.answer.evidence["excess"].numbers - quantile
    judged = trial.oracle.judge(trial.case, "judge_profile", {"icc": limits.tolist()})
    excess = _excess(trial, limits) if judged is None else judged
    ours = excess - quantile
    judge = "our deviance function" if judged is None else "R's own profile deviance"
    evidence = {
        "judge": judge,
        "chi-square quantile": f"{quantile:.10f}",
        "profile deviance at our limits less the quantile": _list(ours),
        "profile deviance at R's limits less the quantile": _list(theirs),
    }
    apart = np.abs(_excess(trial, trial.expected.numbers) - quantile - theirs).max()
    if not apart <= trial.tolerance.criterion:
        reason = f"the two profile deviances differ by up to {apart:.1e} at R's limits"
        return Finding(Verdict.MISMATCH, reason, comparison, evidence)
    # A limit of zero is the boundary: the deviance there has not yet risen to the quantile.
    on_profile = (np.abs(ours) <= trial.tolerance.criterion) | ((limits == 0) & (ours <= 0))
    if not on_profile.all():
        reason = "our limit is not where the profile deviance meets the quantile"
        return Finding(Verdict.MISMATCH, reason, comparison, evidence)
    if comparison.passed:
        return Finding(Verdict.MATCH, "the same limits", comparison, evidence)
    at_theirs = _excess(trial, trial.expected.numbers) - quantile
    if not np.allclose(at_theirs, theirs, rtol=0.0, atol=trial.tolerance.criterion):
        reason = "the two profile deviances differ at R's limits"
        return Finding(Verdict.MISMATCH, reason, comparison, evidence)
    if np.abs(ours).max() < np.abs(theirs).max():
        reason = "uniroot stopped early: R's limit misses the quantile by more than ours"
        sentence = (
            f"Python's limits are the better ones: they miss the quantile by "
            f"{np.abs(ours).max():.1e}, R's by {np.abs(theirs).max():.1e}, where uniroot stopped"
        )
        ruling = Ruling(Side.PYTHON, Cause.EARLY_STOP, sentence)
        return Finding(Verdict.EXPLAINED, reason, comparison, evidence, ruling=ruling)
    return Finding(Verdict.MISMATCH, comparison.problem, comparison, evidence)


def _excess(trial: Trial, icc: NDArray[np.float64]) -> NDArray[np.float64]:
    fitted, at_r = trial.model_sides()
    least = fitted.criterion(at_r)
    thetas = np.sqrt(icc / (1.0 - icc))
    return np.array([fitted.criterion(np.array([theta])) - least for theta in thetas])


def _list(numbers: NDArray[np.float64]) -> str:
    return ", ".join(f"{x:.2e}" for x in numbers)
