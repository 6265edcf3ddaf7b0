"""Libraries that can only be asked at their own optimum: lme4 goes there, or both stay apart."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.implementations.spelling import random_terms
from parity.judges.agreement import criteria_agree
from parity.judges.optimum import optima_of
from parity.oracles.answer import points_input
from parity.paths import parity_folder
from parity.referee.account import account
from parity.referee.covariance import way_between
from parity.referee.decision import Optima, decide_optima
from parity.referee.points import measure
from parity.referee.rows import Term
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Finding, Verdict

Array = NDArray[np.float64]
EXCESS = "its optimum less lme4's, by the judge"
APART = "at two optima, lme4's and the library's"


def judge_own_optimum(trial: Trial) -> Finding:
    """Compare at the library's theta, where live R can be put there; else at two optima.

    At one theta both sides evaluate the same formulas, and the case's own tolerance holds. At
    two optima a value is only as exact as optima are: `two_optima.toml` says how near is near.
    """
    soft = two_optima().get(trial.case.tolerance)
    there = _lme4_at_its_theta(trial)
    apart = None if soft is None else compare(trial.expected, trial.observed, soft)
    evidence = {}
    if apart is not None and apart.comparable:
        evidence[APART] = f"{apart.digits:.1f} digits"
    if there is not None:
        comparison = compare(there, trial.whole, trial.tolerance)
        evidence["lme4 at the library's theta, against the library"] = (
            f"{comparison.digits:.1f} digits" if comparison.comparable else comparison.problem
        )
        if comparison.passed:
            reason = "all numbers agree with lme4's at the library's optimum"
            return Finding(Verdict.MATCH, reason, comparison, evidence)
        reason = f"at one theta, the library's: {comparison.problem}"
        return Finding(Verdict.MISMATCH, reason, comparison, evidence)
    if soft is None or apart is None:
        reason = (
            f"the library cannot be asked at R's theta, R is not at hand to be asked at the "
            f"library's, and two optima do not determine '{trial.case.quantity}'"
        )
        return Finding(Verdict.NOT_RUN, reason)
    allowed = f"{soft.absolute:g} + {soft.relative:g} of the {soft.scale}"
    evidence["allowed between two optima"] = allowed
    if apart.passed:
        reason = "agree as nearly as two optima determine; live R compares at one theta"
        return Finding(Verdict.MATCH, reason, apart, evidence)
    return Finding(Verdict.MISMATCH, f"at two optima: {apart.problem}", apart, evidence)


def judge_other_optimum(trial: Trial) -> Finding:
    """Ask lme4's deviance function which of two optima is the lower one.

    Recorded, pybootmlm's stands in for it as a referee, after it was seen to equal R's criterion
    at R's theta. The library's own function judges nothing here. Where lme4's point is the worse
    one, the library's must still be an optimum: the witnesses of `parity.referee` are heard.
    """
    _, theta_r = trial.model_sides()
    theta, reported = trial.observed.numbers[:-1], float(trial.observed.numbers[-1])
    at_r = float(trial.expected.numbers[-1])
    comparison = compare(_theta(trial.expected), _theta(trial.observed), trial.tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    judge, name = _judge_of(trial, theta)
    if not criteria_agree(at_r, float(judge([theta_r])[0])):
        reason = "neither R nor a referee that agrees with it can judge this model"
        return Finding(Verdict.NOT_RUN, reason, comparison)
    at_ours = float(judge([theta])[0])
    excess, allowed = at_ours - at_r, trial.tolerance.criterion
    evidence = {
        "judge": name,
        "criterion at lme4's theta": f"{at_r:.10f}",
        "criterion at the library's theta": f"{at_ours:.10f}, {reported:.10f} as it reports",
        EXCESS: f"{excess:.3e}",
        "allowed": f"up to {allowed:g}",
        "largest difference in theta": f"{comparison.max_abs:.3e}",
    }

    def finding(verdict: Verdict, reason: str) -> Finding:
        return Finding(verdict, reason, comparison, evidence)

    if not excess <= allowed:
        return finding(Verdict.MISMATCH, f"its optimum is {excess:.3g} above lme4's")
    if not criteria_agree(at_ours, reported):
        off = reported - at_ours
        reason = f"the criterion that it reports is {off:+.6g} off lme4's at the same theta"
        return finding(Verdict.MISMATCH, reason)
    if excess < -allowed:  # even where theta agrees: its units may make any difference small
        points = measure(trial, trial.referee(), theta_r, theta, at_r)
        lowest = float(judge([np.asarray(trial.referee().theta)])[0])
        decision = decide_optima(_with_known(optima_of(points, -excess, allowed), at_ours, lowest))
        evidence["its optimum less the lowest known, pybootmlm's"] = f"{at_ours - lowest:.3e}"
        ruling = account(points, decision, -excess)
        evidence |= {**ruling.evidence, **points.missing}
        verdict = Verdict.EXPLAINED if decision.explained else Verdict.MISMATCH
        return replace(finding(verdict, decision.reason), ruling=ruling)
    if comparison.passed:
        return finding(Verdict.MATCH, "the same optimum")
    way = way_between(theta_r, theta, _terms(trial), np.linspace(0.0, 1.0, 9))
    rise = float(judge(way).max()) - max(at_r, at_ours)
    evidence["largest rise between the two"] = f"{rise:.3e}"
    if rise <= allowed:
        return finding(Verdict.EXPLAINED, "the criterion is flat between the two thetas")
    reason = "two thetas of the same height, with a rise between"
    return finding(Verdict.MISMATCH, reason)


def _with_known(optima: Optima, at_ours: float, lowest: float) -> Optima:
    """Hold the library's point to pybootmlm's too, where R reaches no lower one."""
    known = optima.ours.criterion - (at_ours - lowest)
    reach = known if optima.reach is None else min(known, optima.reach)
    return replace(optima, reach=reach)


@lru_cache(maxsize=1)
def two_optima() -> Mapping[str, Tolerance]:
    """Read ``tables/two_optima.toml``."""
    text = (parity_folder() / "tables" / "two_optima.toml").read_text("utf-8")
    return {name: Tolerance(name=name, **table) for name, table in tomllib.loads(text).items()}


def _lme4_at_its_theta(trial: Trial) -> Value | None:
    """Return lme4's answer where the library stands; None without live R."""
    if trial.answer.oracle != "live" or trial.fitted is None:
        return None
    inputs = {
        "theta": np.asarray(trial.fitted.theta, dtype=float).tolist(),
        "quantity": trial.case.quantity,
        "inputs": dict(trial.case.inputs),
    }
    numbers = trial.oracle.judge(trial.case, "at_theta", inputs)
    if numbers is None or numbers.shape != trial.expected.numbers.shape:
        return None
    return Value(numbers, trial.expected.names, np.zeros(numbers.shape, dtype=np.bool_))


def _judge_of(trial: Trial, theta: Array) -> tuple[Callable[[list[Array]], Array], str]:
    """Return lme4's deviance function if R is live, else pybootmlm's, and its name."""

    def by_r(points: list[Array]) -> Array | None:
        return trial.oracle.judge(trial.case, "judge", points_input(points))

    if trial.answer.oracle == "live":
        first = by_r([theta])
        if first is not None and first.size == 1:
            return lambda points: np.asarray(by_r(points)), "lme4's own deviance function"
    fit = trial.referee()
    return (
        lambda points: np.array([fit.criterion(point) for point in points]),
        "pybootmlm's deviance function, as referee",
    )


def _terms(trial: Trial) -> list[Term]:
    """Return the random terms in lme4's order, which is theta's."""
    assert trial.case.model is not None
    assert trial.frame is not None
    found = random_terms(trial.case.model, trial.frame)
    terms = [Term(0, len(term.names), len(term.levels(trial.frame))) for term in found]
    return sorted(terms, key=lambda term: -term.levels)


def _theta(value: Value) -> Value:
    names = value.rows
    return Value.of(value.numbers[:-1], None if names is None else names[:-1])
