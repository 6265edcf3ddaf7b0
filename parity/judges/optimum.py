"""The one-sided rule of optima: ours must be no worse than R's, by R's own measure."""

from parity.compare import compare
from parity.judges.agreement import criteria_agree
from parity.oracles.answer import points_input
from parity.referee.account import account
from parity.referee.conditioning import condition_of
from parity.referee.decision import ROUNDED, Decision, Optima, Stop, decide_optima
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
    at_r_by_us, at_ours_by_us = fitted.criterion(theta_r), fitted.criterion(ours)
    judged = trial.oracle.judge(trial.case, "judge", points_input([ours]))
    by_r = trial.answer.oracle == "live" and judged is not None and judged.size == 1
    at_ours = float(judged[0]) if by_r and judged is not None else at_ours_by_us
    excess = at_ours - at_r
    evidence = {
        "judge": "R's own deviance function" if by_r else "our deviance function",
        "criterion at R's theta": f"{at_r:.10f} by R, {at_r_by_us:.10f} by us",
        "criterion at our theta": f"{at_ours:.10f} by the judge, {reported:.10f} as reported",
        "our optimum less R's": f"{excess:.3e} (allowed: up to {trial.tolerance.criterion:g})",
        "largest difference in theta": f"{comparison.max_abs:.3e}",
    }
    allowed = trial.tolerance.criterion
    honest = criteria_agree(at_ours_by_us, reported)
    alike = criteria_agree(at_r, at_r_by_us) and criteria_agree(at_ours, at_ours_by_us)
    # Theta alone may agree by its units: a variance in dollars is small wherever R stopped.
    if honest and alike and comparison.passed and abs(excess) <= allowed:
        return Finding(Verdict.MATCH, "the same optimum", comparison, evidence)

    points, gap = measure(trial, fitted, theta_r, ours, at_r), -excess
    if not honest:
        problem = "the criterion we report is not the one at our theta"
        decision = Decision(False, who_is_off(points, reported), Cause.UNKNOWN, problem)
    elif alike:
        decision = decide_optima(optima_of(points, gap, allowed))
    elif r_is_off_by_rounding(points):
        evidence["judge"] = "50-digit arithmetic"
        gap = points.gap_in_50_digits
        decision = decide_optima(optima_of(points, gap, allowed))
        if decision.explained:
            decision = Decision(True, Side.PYTHON, Cause.ROUNDING, ROUNDED)
    else:
        problem = "the two deviance functions differ"
        decision = Decision(False, who_is_off(points, reported), Cause.UNKNOWN, problem)
    ruling = account(points, decision, gap)
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


def r_is_off_by_rounding(points: Points) -> bool:
    """Say whether our function is that of 50 digits at both points, and R's error is rounding."""
    products, theirs, ours = points.products, points.theirs, points.ours
    if products is None or theirs.by_r is None or theirs.by_50 is None or ours.by_50 is None:
        return False
    pairs = ((float(theirs.by_50), theirs), (float(ours.by_50), ours))
    if not all(criteria_agree(exact, point.by_us) for exact, point in pairs):
        return False
    condition = condition_of(products.rows, theirs.theta.tolist())
    if condition is None or not condition.loss < 1.0:
        return False
    errors = [
        abs(point.by_r - exact) / abs(exact) for exact, point in pairs if point.by_r is not None
    ]
    return max(errors) <= condition.loss


def who_is_off(points: Points, reported: float) -> Side:
    """Say who is nearer where a criterion is not the one at its theta; open without 50 digits."""
    theirs, ours = points.theirs, points.ours
    if theirs.by_50 is None or ours.by_50 is None or theirs.by_r is None:
        return Side.OPEN
    r = criteria_agree(float(theirs.by_50), theirs.by_r)
    us = criteria_agree(float(theirs.by_50), theirs.by_us)
    us = us and criteria_agree(float(ours.by_50), reported)
    sides = {(True, False): Side.R, (False, True): Side.PYTHON, (True, True): Side.BOTH}
    return sides.get((r, us), Side.NEITHER)


def _theta(value: Value) -> Value:
    names = value.rows
    return Value.of(value.numbers[:-1], None if names is None else names[:-1])
