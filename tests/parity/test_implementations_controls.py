"""An error planted in an implementation is found by every kind of case that it answers.

The implementation is pybootmlm behind the narrowest door there is: it can be asked at its own
optimum only, as most libraries. Against recorded answers, two optima are compared; against live R,
lme4 is put at the library's theta.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from parity.errors import OracleError, OwnOptimumError
from parity.implementations import ModelsOnly, Native, OwnOptimum
from parity.judges.own_optimum import EXCESS, two_optima
from parity.oracles.live import LiveOracle
from parity.tolerances import load_tolerances
from parity.values import Value
from parity.verdict import Side, Verdict

VALUES = (
    "fixef", "sigma", "loglik", "information", "vcov", "std_errors", "varcorr", "ranef", "u",
    "fitted", "resid", "hatvalues", "shape",
)  # fmt: skip
MODELS = ("sleepstudy-slope/REML", "penicillin-crossed/ML")


def unchanged(_name, value):
    return value


@dataclass
class Narrow(ModelsOnly):
    """pybootmlm at its own optimum only, with an error put in."""

    change: object = unchanged
    shift: float = 0.0
    reported: float = 0.0
    bent: float = 0.0
    name: str = "narrow"
    native: Native = field(default_factory=Native)

    def versions(self):
        return {"narrow": "1"}

    def fit(self, model, data):
        fit = self.native.fit(model, data)
        theta = fit.theta + self.shift
        return OwnOptimum(
            "narrow",
            theta=theta,
            reported=fit.criterion(theta) + self.reported,
            deviance=lambda at: fit.criterion(at) + self.bent,
            quantities={
                name: lambda name=name: self.change(name, fit.quantity(name, theta))
                for name in VALUES
            }
            | {"refit_same": lambda: self.change("refit_same", fit.quantity("refit_same"))},
        )


def moved(amount: float):
    """Change the first number by `amount` of the largest in its column, or by itself if alone."""

    def change(_name, value: Value) -> Value:
        numbers = value.numbers.copy()
        flat = numbers.reshape(len(numbers), -1)
        flat[0, 0] += amount * max(np.abs(flat[:, 0]).max(), 1e-3)
        return replace(value, numbers=numbers)

    return change


def least_visible(tolerance: str) -> float:
    """Twice what two optima may differ by, relative to the numbers of these models."""
    return {"exact": 1e-3, "criterion": 1e-7}.get(tolerance, 3e-3)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("quantity", VALUES)
def test_a_planted_error_is_a_mismatch_between_two_optima(quantity, model, case_of, make_runner):
    case = case_of(f"{model}/{quantity}")
    right = make_runner(Narrow()).decide(case).finding
    assert right.verdict is Verdict.MATCH
    assert right.reason == "agree as nearly as two optima determine; live R compares at one theta"
    wrong = make_runner(Narrow(moved(least_visible(case.tolerance)))).decide(case).finding
    assert wrong.verdict is Verdict.MISMATCH
    assert wrong.reason.startswith("at two optima: ")


@pytest.fixture(scope="module")
def live():
    oracle = LiveOracle()
    yield oracle
    oracle.close()


@pytest.mark.live_r
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("quantity", VALUES)
def test_a_small_planted_error_is_a_mismatch_where_lme4_stands_at_the_same_theta(
    quantity, model, case_of, make_runner, live
):
    case = case_of(f"{model}/{quantity}")
    right = make_runner(Narrow(), oracle=live).decide(case).finding
    assert right.verdict is Verdict.MATCH
    assert right.reason == "all numbers agree with lme4's at the library's optimum"
    small = {"exact": 1e-3, "criterion": 1e-11}.get(case.tolerance, 1e-9)
    wrong = make_runner(Narrow(moved(small)), oracle=live).decide(case).finding
    assert wrong.verdict is Verdict.MISMATCH
    assert wrong.reason.startswith("at one theta, the library's: ")


@pytest.mark.live_r
def test_lme4_is_where_it_was_put(case_of, make_runner, live):
    """At its own theta it answers as ever, bit for bit; elsewhere as pybootmlm, to rounding."""
    for name in ("varcorr", "ranef", "vcov", "shape", "information"):
        case = case_of(f"sleepstudy-weighted/ML/{name}")
        answer = live.answer(case)

        def at(theta, case=case):
            inputs = {"theta": theta.tolist(), "quantity": case.quantity, "inputs": {}}
            return live.judge(case, "at_theta", inputs)

        np.testing.assert_array_equal(at(answer.theta), answer.value.numbers)
        there = answer.theta * 1.2
        native = Native().fit(case.model, make_runner().frames.of(case.model))
        ours = native.quantity(name, there)
        order = [ours.rows.index(row) for row in answer.value.rows]
        np.testing.assert_allclose(at(there), ours.numbers[order], rtol=1e-9, atol=1e-10)
    assert live.judge(case, "at_theta", {"theta": [1.0], "quantity": "no", "inputs": {}}) is None


# --- optima -----------------------------------------------------------------------------------


def test_the_same_optimum_is_a_match_whoever_evaluates(case_of, make_runner):
    finding = make_runner(Narrow()).decide(case_of("hsb-slope/REML/optimum")).finding
    assert finding.verdict is Verdict.MATCH
    assert finding.evidence["judge"] == "pybootmlm's deviance function, as referee"
    assert abs(float(finding.evidence[EXCESS])) < 1e-6


def test_a_worse_optimum_is_a_mismatch_even_when_theta_is_within_tolerance(case_of, make_runner):
    finding = make_runner(Narrow(shift=9e-4)).decide(case_of("hsb-slope/REML/optimum")).finding
    assert finding.comparison.passed
    assert finding.verdict is Verdict.MISMATCH
    assert "above lme4's" in finding.reason


def test_a_library_cannot_call_its_optimum_better_than_it_is(case_of, make_runner):
    """It is off, and both its report and its own deviance function say that it is the best."""
    boast = Narrow(shift=0.01, reported=-100.0, bent=-100.0)
    finding = make_runner(boast).decide(case_of("dyestuff/ML/optimum")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "above lme4's" in finding.reason


def test_a_criterion_with_another_constant_is_a_mismatch_that_says_how_much(case_of, make_runner):
    finding = make_runner(Narrow(reported=1.5)).decide(case_of("dyestuff/ML/optimum")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason == "the criterion that it reports is +1.5 off lme4's at the same theta"


def test_an_early_stop_of_lme4_is_explained(case_of, make_runner):
    finding = make_runner(Narrow()).decide(case_of("hsb-income/REML/optimum")).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.reason == "R stopped early: its point is the worse of the two"
    assert finding.ruling.nearer is Side.PYTHON
    assert float(finding.evidence[EXCESS]) < -1.0


def test_an_early_stop_of_lme4_does_not_hide_that_the_library_stopped_early_too(
    case_of, make_runner
):
    class Near(Narrow):
        def fit(self, model, data):
            fit = super().fit(model, data)
            theta = 1.01 * fit.theta
            return replace(fit, theta=theta, reported=fit.deviance(theta))

    finding = make_runner(Near()).decide(case_of("hsb-income/REML/optimum")).finding
    assert float(finding.evidence[EXCESS]) < -1.0
    assert finding.verdict is Verdict.MISMATCH
    assert "neither point holds: our optimum is " in finding.reason
    assert "above what R reaches" in finding.reason
    assert finding.ruling.nearer is Side.NEITHER


def test_an_early_stop_of_lme4_does_not_hide_it_where_r_was_not_asked_further(
    case_of, make_runner, recorded
):
    """No tightened refits and no rows of R: then pybootmlm's optimum is the lowest known."""

    class Alone:
        name = "recorded"

        def answer(self, case):
            if case.quantity in ("tightened", "fifty_digits"):
                raise OracleError("not recorded")
            return recorded.answer(case)

        def judge(self, *_):
            return None

    class Near(Narrow):
        def fit(self, model, data):
            fit = super().fit(model, data)
            theta = 1.01 * fit.theta
            return replace(fit, theta=theta, reported=fit.deviance(theta))

    case = case_of("hsb-income/REML/optimum")
    assert make_runner(Narrow(), oracle=Alone()).decide(case).finding.verdict is Verdict.EXPLAINED
    finding = make_runner(Near(), oracle=Alone()).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "tightened refits in R" in finding.evidence


def test_another_theta_of_the_same_criterion_is_explained_if_no_rise_lies_between(
    case_of, make_runner
):
    """An effect of clusters beside their intercept: covariances that no data could tell apart."""
    finding = make_runner(Narrow()).decide(case_of("hsb-between-slope/REML/optimum")).finding
    assert float(finding.evidence["largest difference in theta"]) > 0.1
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.reason == "the criterion is flat between the two thetas"


def test_two_points_of_the_same_height_with_a_rise_between_are_a_mismatch(case_of, make_runner):
    """Made up: the judge says that two far points are equally low, and the way a hill."""

    class Far(Narrow):
        def fit(self, model, data):
            fit = super().fit(model, data)
            return replace(fit, theta=fit.theta * 3.0)

    runner = make_runner(Far())
    case = case_of("dyestuff/ML/optimum")
    at_r = runner.oracle.answer(case).theta[0]
    level = runner.oracle.answer(case).value.numbers[-1]

    class Hilly:
        def criterion(self, theta):
            return level + (theta[0] - at_r) ** 2 * (theta[0] - 3 * at_r) ** 2

    runner._referees[case.model.id] = Hilly()
    finding = runner.decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason == "two thetas of the same height, with a rise between"


def test_a_bent_deviance_function_is_a_mismatch_of_its_own_case(case_of, make_runner):
    case = case_of("sleepstudy-slope/REML/devfun_lme4")
    assert make_runner(Narrow()).decide(case).finding.verdict is Verdict.MATCH
    finding = make_runner(Narrow(bent=1e-7)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH


# --- wrong names, shapes and missing numbers ----------------------------------------------------


@pytest.mark.parametrize("quantity", VALUES)
def test_a_missing_number_is_reported_as_that(quantity, case_of, make_runner):
    def change(_name, value: Value) -> Value:
        numbers = value.numbers.copy()
        numbers.flat[0] = np.nan
        return replace(value, numbers=numbers)

    case = case_of(f"sleepstudy-slope/REML/{quantity}")
    finding = make_runner(Narrow(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "missing on one side only" in finding.reason


@pytest.mark.parametrize("quantity", [q for q in VALUES if q not in ("sigma", "loglik")])
def test_another_name_is_reported_with_both(quantity, case_of, make_runner):
    def change(_name, value: Value) -> Value:
        return replace(value, names=(("Other", *value.rows[1:]), *value.names[1:]))

    case = case_of(f"sleepstudy-slope/REML/{quantity}")
    finding = make_runner(Narrow(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "only Python has ['Other']" in finding.reason


def test_a_missing_row_and_names_that_do_not_fit_are_reported(case_of, make_runner):
    def shorter(_name, value: Value) -> Value:
        return Value(value.numbers[1:], (value.rows[1:], *value.names[1:]), value.missing[1:])

    def unfitting(_name, value: Value) -> Value:
        return replace(value, names=(value.rows[1:], *value.names[1:]))

    case = case_of("sleepstudy-slope/REML/fixef")
    finding = make_runner(Narrow(shorter)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "shape: R has 2, Python 1" in finding.reason
    finding = make_runner(Narrow(unfitting)).decide(case).finding
    assert finding.verdict is Verdict.PYTHON_ERROR
    assert "gave shape (2,) with [1] names" in finding.reason


def test_long_values_are_thinned_by_names_and_not_by_places(case_of, make_runner):
    """The order of rows is the library's own; a wrong row that is kept is still seen."""

    def turned(_name, value: Value) -> Value:
        return Value(value.numbers[::-1], (value.rows[::-1],), value.missing[::-1])

    def turned_wrongly(name, value: Value) -> Value:
        return replace(turned(name, value), names=value.names)

    case = case_of("hsb-slope/REML/ranef")
    assert make_runner(Narrow(turned)).decide(case).finding.verdict is Verdict.MATCH
    finding = make_runner(Narrow(turned_wrongly)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH


# --- what cannot be compared, and where R is wrong ----------------------------------------------


def test_a_quantity_that_two_optima_do_not_determine_is_not_run(case_of, make_runner):
    class More(Narrow):
        def fit(self, model, data):
            fit = super().fit(model, data)
            more = {"vcov_theta": lambda: self.native.fit(model, data).quantity("vcov_theta")}
            return replace(fit, quantities={**fit.quantities, **more})

    case = case_of("sleepstudy-slope/REML/vcov_theta")
    assert case.tolerance not in two_optima()
    finding = make_runner(More()).decide(case).finding
    assert finding.verdict is Verdict.NOT_RUN
    assert "two optima do not determine 'vcov_theta'" in finding.reason


def test_every_tolerance_of_two_optima_stands_for_one_that_exists():
    assert set(two_optima()) <= set(load_tolerances())


def test_a_defect_of_r_is_not_claimed_by_who_cannot_prove_it(case_of, make_runner):
    """lme4 1.1-31's refit of a REML model is wrong; the proof needs a fit at R's theta."""
    case = case_of("sleepstudy-slope/REML/refit_same")
    ours = make_runner().decide(case).finding
    assert ours.deviation == "lme4-refit-reml-df"
    finding = make_runner(Narrow()).decide(case).finding
    assert finding.verdict is Verdict.NOT_RUN
    assert finding.deviation is None
    assert "R is known to be wrong here (lme4-refit-reml-df)" in finding.reason
    assert "narrow cannot be asked for 'fixef' at a given theta" in finding.reason


def test_who_repeats_a_defect_of_r_agrees_with_it_and_is_told_so(case_of, make_runner, recorded):
    case = case_of("sleepstudy-slope/REML/refit_same")
    same = recorded.answer(case).value
    finding = make_runner(Narrow(lambda _n, _v: same)).decide(case).finding
    assert finding.verdict is Verdict.MATCH
    assert finding.evidence["R is known to be wrong here"].startswith("lme4-refit-reml-df")


def test_an_error_of_r_is_no_failure_of_who_does_not_claim_the_quantity(case_of, make_runner):
    """Where R stops with a registered error, a library without the quantity is not run."""
    case = case_of("sleepstudy-uncorrelated/ML/responses/residual_cgr")
    assert make_runner().decide(case).finding.deviation == "bootmlm-rescaled-uncorrelated"
    finding = make_runner(Narrow()).decide(case).finding
    assert finding.verdict is Verdict.NOT_RUN
    assert finding.reason == "narrow does not provide 'responses'"


def test_own_optimum_errors_name_who_was_asked():
    with pytest.raises(OwnOptimumError, match="narrow cannot be asked for 'fixef'"):
        OwnOptimum("narrow", np.ones(1), 0.0, {"fixef": lambda: 1.0}).quantity("fixef", np.ones(1))
