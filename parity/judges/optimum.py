"""The one-sided rule of optima: ours must be no worse than R's, by R's own measure."""

from parity.compare import compare
from parity.judges.agreement import criteria_agree
from parity.oracles.answer import points_input
from parity.referee.account import account
from parity.referee.decision import Decision, Optima, Stop, decide_optima
from parity.referee.points import Point, Points, measure
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Cause, Finding, Side, Verdict


def judge_optimum(trial: Trial) -> Finding:
    """Compare the two thetas by the criterion at both, then by distance.

    Live, R's own deviance function is the judge of both. Recorded, R's criterion is known at R's
    theta only; ours judges, after it was seen to equal R's there (and on the grid of
    `devfun_lme4`). Where they differ, the witnesses of `parity.referee` are heard.
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
    problem = ""
    if not criteria_agree(at_r, at_r_by_us):
        problem = "the two deviance functions differ at R's theta"
    elif not criteria_agree(at_ours, reported):
        problem = "the criterion we report is not the one at our theta"
    elif comparison.passed and excess <= trial.tolerance.criterion:
        return Finding(Verdict.MATCH, "the same optimum", comparison, evidence)

    points = measure(trial, fitted, theta_r, ours, at_r)
    if problem:
        decision = Decision(False, _liar(points, reported), Cause.UNKNOWN, problem)
    else:
        decision = decide_optima(optima_of(points, -excess, trial.tolerance.criterion))
    ruling = account(points, decision, -excess)
    if points.tightened is not None:
        evidence["R, told to look harder"] = points.tightened.said
    evidence = {**evidence, **ruling.evidence, **points.missing}
    verdict = Verdict.EXPLAINED if decision.explained else Verdict.MISMATCH
    return Finding(verdict, decision.reason, comparison, evidence, ruling=ruling)


def optima_of(points: Points, gap: float, allowed: float) -> Optima:
    """Put what was measured into the form in which it is decided.

    Parameters
    ----------
    gap
        By how much R's point is above ours, by the judge.
    """
    ours, best, least = points.ours, points.best, points.minimum
    reference = ours.by_us
    return Optima(
        ours=_stop(ours, reference),
        theirs=_stop(points.theirs, reference + gap),
        rise=points.rise,
        reach=None if best is None else best.by_us,
        least=None if least is None else reference - float(ours.by_50 - least.criterion),
        allowed=allowed,
    )


def _stop(point: Point, criterion: float) -> Stop:
    return Stop(criterion, point.ours.gain, point.ours.saddle, bool(point.on_bound))


def _liar(points: Points, reported: float) -> Side:
    """Say who is nearer where a reported criterion is not the one at its theta."""
    theirs, ours = points.theirs, points.ours
    if theirs.by_50 is None or ours.by_50 is None or theirs.by_r is None:
        return Side.OPEN
    r = criteria_agree(float(theirs.by_50), theirs.by_r)
    us = criteria_agree(float(theirs.by_50), theirs.by_us)
    us = us and criteria_agree(float(ours.by_50), reported)
    return {(True, False): Side.R, (False, True): Side.PYTHON}.get((r, us), Side.NEITHER)


def _theta(value: Value) -> Value:
    names = value.rows
    return Value.of(value.numbers[:-1], None if names is None else names[:-1])
