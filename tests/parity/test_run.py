"""What the runner makes of errors on either side, and of deviations."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from parity.deviations import Scope, load_deviations
from parity.errors import NotProvidedError, RError, WorkerError
from parity.values import Value
from parity.verdict import Cause, Side, Verdict
from pybootmlm.exceptions import ModelError


class FailingOracle:
    name = "failing"

    def __init__(self, error):
        self.error = error

    def environment(self):
        return {"R": "0"}

    def answer(self, _case):
        raise self.error

    def judge(self, _case, _quantity, _inputs):
        return None

    def close(self):
        pass


class EarlyOracle:
    """Answers with R's optimum moved to another theta, as if R had stopped there."""

    name = "recorded"

    def __init__(self, answer):
        self._answer = answer

    def environment(self):
        return {"R": "0"}

    def answer(self, _case):
        return self._answer

    def judge(self, _case, _quantity, _inputs):
        return None

    def close(self):
        pass


def raising(error):
    def change(_name, _value):
        raise error

    return change


def test_an_error_of_python_is_a_verdict_with_its_traceback(case_of, make_runner, perturbed):
    runner = make_runner(perturbed(raising(ZeroDivisionError("division by zero"))))
    finding = runner.decide(case_of("dyestuff/REML/sigma")).finding
    assert finding.verdict is Verdict.PYTHON_ERROR
    assert finding.reason == "ZeroDivisionError: division by zero"
    assert "Traceback" in finding.evidence["traceback"]


def test_a_quantity_that_is_not_provided_is_not_run_with_its_reason(
    case_of, make_runner, perturbed
):
    runner = make_runner(perturbed(raising(NotProvidedError("no hat values here"))))
    finding = runner.decide(case_of("dyestuff/REML/hatvalues")).finding
    assert finding.verdict is Verdict.NOT_RUN
    assert finding.reason == "no hat values here"
    assert not finding.verdict.fails


@pytest.mark.parametrize("error", [RError("singular matrix", {}), WorkerError("R died")])
def test_an_error_of_r_is_a_verdict_that_fails(error, case_of, make_runner):
    finding = make_runner(oracle=FailingOracle(error)).decide(case_of("dyestuff/ML/u")).finding
    assert finding.verdict is Verdict.R_ERROR
    assert finding.verdict.fails
    assert str(error) in finding.reason


def test_python_s_warnings_are_kept(case_of, make_runner, perturbed):
    def warn(name, value):
        if name == "fixef":
            warnings.warn("look out", stacklevel=1)
        return value

    finding = make_runner(perturbed(warn)).decide(case_of("dyestuff/REML/fixef")).finding
    assert finding.evidence["Python warned"] == "UserWarning: look out"


# Deviations


def entry(name, **changed):
    """Return a registered deviation with the first of its scopes only, changed."""
    found = next(entry for entry in load_deviations() if entry.id == name)
    return replace(found, scopes=(replace(found.scopes[0], **changed),))


def test_a_registered_deviation_explains_with_its_evidence(case_of, make_runner):
    finding = make_runner().decide(case_of("sleepstudy-slope/REML/refit_same")).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.deviation == "lme4-refit-reml-df"
    wrong = finding.evidence["criterion that R's refit reports"]
    assert finding.evidence["our criterion at R's refitted theta with n - 1"][:9] == wrong[:9]
    assert wrong.startswith("1751.947")  # FACTS: 1751.947 where 1743.628 is right


def test_without_its_entry_the_same_difference_is_a_mismatch(case_of, make_runner):
    finding = make_runner(deviations=()).decide(case_of("sleepstudy-slope/REML/refit_same")).finding
    assert finding.verdict is Verdict.MISMATCH


def test_a_deviation_holds_for_its_versions_only(case_of):
    case = case_of("sleepstudy-slope/REML/refit_same")
    refit = entry("lme4-refit-reml-df")
    assert refit.claims(case, {"lme4": "1.1.31"})
    assert not refit.claims(case, {"lme4": "1.1.37"})
    assert not refit.claims(case, {})
    assert not refit.claims(case_of("sleepstudy-slope/ML/refit_same"), {"lme4": "1.1.31"})


def test_a_stale_deviation_fails(case_of, make_runner):
    stale = entry("lme4-refit-reml-df", methods=frozenset({"ML"}))
    finding = make_runner(deviations=(stale,)).decide(case_of("sleepstudy-slope/ML/refit_same"))
    assert finding.finding.verdict is Verdict.MISMATCH
    assert "stale deviation: 'lme4-refit-reml-df' claims this case" in finding.finding.reason


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("bootmlm-scores-column-names", "sleepstudy-slope/ML/scores_mer/level1"),
        ("lme4-refit-reml-df", "sleepstudy-slope/REML/refit_same"),
        ("bootmlm-devfun-weights", "sleepstudy-weighted/ML/devfun_mer"),
        ("bootmlm-devfun-weights", "sleepstudy-weighted/REML/devfun_mer2"),
        ("bootmlm-devfun-offset", "sleepstudy-offset/REML/devfun_mer"),
        ("bootmlm-devfun-offset", "sleepstudy-offset/ML/devfun_mer2"),
    ],
)
def test_no_proof_accepts_another_error_beside_the_registered_one(
    name, case, case_of, make_runner, perturbed
):
    def change(quantity, value):
        shift = 1e-4 if quantity == case_of(case).quantity else 0.0
        return replace(value, numbers=value.numbers + shift)

    assert make_runner().decide(case_of(case)).finding.deviation == name
    finding = make_runner(perturbed(change)).decide(case_of(case)).finding
    assert finding.verdict is Verdict.MISMATCH
    assert f"the deviation '{name}' does not account for it" in finding.reason


def test_a_refusal_is_explained_only_where_it_is_registered_and_proved(
    case_of, make_runner, perturbed
):
    case = case_of("pop-slope/REML/vcov_vc/sd")
    explained = make_runner().decide(case).finding
    assert explained.verdict is Verdict.EXPLAINED
    assert "ModelError: The fit is singular" in explained.evidence["Python says"]
    assert any("slope of the criterion" in name for name in explained.evidence)
    assert make_runner(deviations=()).decide(case).finding.verdict is Verdict.PYTHON_ERROR
    other = entry("bootmlm-vcov-vc-singular", refusal="KeyError")
    assert make_runner(deviations=(other,)).decide(case).finding.verdict is Verdict.PYTHON_ERROR
    unproved = entry("bootmlm-vcov-vc-singular", tags=frozenset({"regular"}))
    refusing = perturbed(raising(ModelError("no")))
    regular = case_of("sleepstudy-slope/REML/vcov_vc/sd")
    finding = make_runner(refusing, deviations=(unproved,)).decide(regular).finding
    assert finding.verdict is Verdict.MISMATCH


def test_both_sides_refusing_is_explained_only_where_it_is_registered(case_of, make_runner):
    case = case_of("dyestuff2/REML/vcov_vc/variance")
    finding = make_runner().decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert set(finding.evidence) == {"R says", "Python says"}
    assert make_runner(deviations=()).decide(case).finding.verdict is Verdict.R_ERROR


# R stops, or has nothing but NA; ours is held to another way to it.
HELD_TO_ITSELF = {
    "sleepstudy-log/ML/vcov_theta": "second differences",
    "sleepstudy-log/ML/empinf_merm/fixef-sigma-theta": "jackknife of its own refits",
    "sleepstudy-time/ML/optimum": "lowest point among its neighbours",
    "sleepstudy-uncorrelated/ML/bootstrap_mer/reb-scaled": "by itself",
    "sleepstudy-log/ML/bootstrap_case/case": "by itself",
    "sleepstudy-missing/ML/bootstrap_mer/residual": "by itself",
}
HELD_TO_NOTHING = ("sleepstudy-uncorrelated/REML/responses/residual_cgr",)


@pytest.mark.parametrize("identity", [*HELD_TO_ITSELF, *HELD_TO_NOTHING])
def test_where_r_has_no_answer_python_is_not_called_right(identity, case_of, make_runner):
    finding = make_runner().decide(case_of(identity)).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.OPEN, Cause.NO_ANSWER)
    assert "compared with none" in finding.ruling.sentence
    assert HELD_TO_ITSELF.get(identity, "nor is there another way") in finding.ruling.sentence


@pytest.mark.parametrize("identity", HELD_TO_ITSELF)
def test_where_r_has_no_answer_a_wrong_one_of_ours_is_a_mismatch(
    identity, case_of, make_runner, perturbed
):
    """The first number is moved by a thousandth of itself."""
    case = case_of(identity)

    def change(quantity, value):
        if quantity != case.quantity:
            return value
        numbers = value.numbers.copy()
        numbers.flat[0] *= 1.001
        return replace(value, numbers=numbers)

    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH, finding


def test_where_theta_is_zero_no_step_is_known_to_be_small(case_of, make_runner, recorded):
    """A singular fit whose covariance R refuses: there is no other way, and no mismatch."""
    refused = replace(
        next(one for one in load_deviations() if one.id == "bootmlm-vcov-theta-model-frame"),
        scopes=(Scope(frozenset({"vcov_theta"}), "r_has_no_answer", error="not found"),),
    )
    refuses = FailingOracle(RError("object 'w' not found", recorded.environment()))
    runner = make_runner(oracle=refuses, deviations=(refused,))
    finding = runner.decide(case_of("dyestuff2/ML/vcov_theta")).finding
    assert finding.verdict is Verdict.EXPLAINED, finding
    assert "nor is there another way" in finding.ruling.sentence


# Optima that differ


def test_an_early_stop_of_r_is_explained_and_the_converse_is_not(case_of, make_runner, recorded):
    """R's answer is moved off its optimum: then ours is the better one, and it is said."""
    case = case_of("sleepstudy-slope/REML/optimum")
    right = recorded.answer(case)
    theta = right.theta + np.array([0.05, 0.0, 0.0])
    fitted = make_runner().implementation.fit(case.model, make_runner().frames.of(case.model))
    numbers = [*theta, fitted.criterion(theta)]

    early = replace(right, value=Value.of(numbers, names=right.value.rows), theta=theta)
    finding = make_runner(oracle=EarlyOracle(early)).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert "R stopped early" in finding.reason
    assert finding.evidence["our optimum less R's"].startswith("-")
