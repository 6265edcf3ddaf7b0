"""Who is right at two optima: the catalogue's known cases, and faults that must not be excused."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from parity.errors import RecordedError
from parity.implementations import Native
from parity.referee.points import measure
from parity.values import Value
from parity.verdict import Cause, Side, Verdict

WITNESSES = ("fifty_digits", "tightened")


class Altered:
    """The recorded oracle with some answers changed, or deaf to the referee's questions."""

    name = "recorded"

    def __init__(self, recorded, change=None, deaf=()):
        self._recorded, self._change, self._deaf = recorded, change or {}, deaf

    def environment(self):
        return self._recorded.environment()

    def answer(self, case):
        if case.quantity in self._deaf:
            raise RecordedError("nobody recorded it")
        answer = self._recorded.answer(case)
        change = self._change.get(case.quantity)
        return answer if change is None else change(answer)

    def judge(self, _case, _quantity, _inputs):
        return None

    def close(self):
        pass


@dataclass
class MovedFit:
    """Our fit, standing somewhere else and saying so truly."""

    fit: Any
    place: np.ndarray

    @property
    def theta(self):
        return self.place

    def criterion(self, theta):
        return self.fit.criterion(theta)

    def derivatives(self, theta):
        return self.fit.derivatives(theta)

    def quantity(self, name, theta=None, **inputs):
        if name in ("optimum", "tightened"):
            names = [f"theta{i + 1}" for i in range(len(self.place))]
            return Value.of([*self.place, self.criterion(self.place)], [*names, "criterion"])
        return self.fit.quantity(name, theta, **inputs)


class Moved:
    """pybootmlm, stopped at a point that is not its own."""

    name = "moved"
    reference = True

    def __init__(self, place):
        self._place, self._native = place, Native()

    def versions(self):
        return self._native.versions()

    def fit(self, model, data):
        fit = self._native.fit(model, data)
        return MovedFit(fit, np.asarray(self._place(fit.theta), float))


def moved_r(fit, place):
    """R's answer, as if R had stopped at `place`."""

    def change(answer):
        numbers = np.array([*place, fit.criterion(np.asarray(place))])
        theta = np.asarray(place, float)
        return replace(answer, value=Value.of(numbers, answer.value.rows), theta=theta)

    return {"optimum": change}


@pytest.fixture
def native_of(make_runner):
    def fit(case):
        return make_runner()._fit(case.model)

    return fit


# What the referee says of the models on which lme4 stops early

EARLY = {
    "sleepstudy-quadratic/REML": 3.03e-4,
    "sleepstudy-quadratic/ML": 1.51e-5,
    "orthodont-months/REML": 8.84e-3,
    "orthodont-months/ML": 3.22e-3,
    "sleepstudy-years/REML": 42.8,
    "sleepstudy-years/ML": 42.1,
    "hsb-income/REML": 269.0,
    "hsb-income/ML": 275.0,
    "hsb-between-slope/ML": 2.82e-6,
}


@pytest.mark.parametrize("model", EARLY)
def test_r_stopped_early_and_reaches_our_point_when_told_to(model, case_of, make_runner):
    """R's own optimisers, and 50-digit arithmetic, say what R's first answer does not."""
    finding = make_runner().decide(case_of(f"{model}/optimum")).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.EARLY_STOP)
    assert f"by {EARLY[model]:.3g}: R stopped early" in finding.ruling.sentence
    assert "told to look harder, R ends at Python's, to 1e-08" in finding.ruling.sentence
    r, ours, best = table(finding)["criterion, in 50 digits"]
    assert float(r) - float(ours) == pytest.approx(EARLY[model], rel=5e-3)
    assert float(best) == pytest.approx(float(ours), abs=2e-10)


def table(finding):
    return {row[0]: row[1:] for row in finding.ruling.rows}


def test_the_minimum_in_50_digits_is_ours_to_eight_digits(case_of, make_runner):
    rows = table(make_runner().decide(case_of("sleepstudy-years/REML/optimum")).finding)
    theirs, ours, best = map(float, rows["above the least, in 50 digits"])
    assert theirs > 40
    assert 0 <= ours < 1e-15
    assert 0 <= best < 1e-9
    theirs, ours, best = map(float, rows["largest error in theta, by 50 digits"])
    assert ours < 1e-6 < best < 1e-2 < theirs  # theta1 is 463


def test_theta_that_the_data_leave_open_is_nobody_s_fault(case_of, make_runner):
    """A random slope of a school's sector: three numbers for two variances."""
    finding = make_runner().decide(case_of("hsb-between-slope/REML/optimum")).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.BOTH, Cause.FLAT)
    assert "the data leave one direction of theta open" in finding.ruling.sentence
    assert "no one theta is the minimum" in finding.evidence["least criterion in 50 digits"]


def test_every_row_of_the_table_is_evidence(case_of, make_runner):
    finding = make_runner().decide(case_of("orthodont-months/ML/optimum")).finding
    assert set(finding.ruling.evidence) <= set(finding.evidence)
    assert len({len(row) for row in finding.ruling.rows}) == 1
    assert len(finding.ruling.rows[0]) == len(finding.ruling.columns) + 1


# Negative controls: ours is wrong


@pytest.mark.parametrize("deaf", [(), ("tightened",), ("fifty_digits",), WITNESSES])
def test_ours_uphill_is_a_mismatch_even_where_r_is_higher_still(
    deaf, case_of, make_runner, recorded
):
    """R is 269 too high; ours, moved, 2 too high. That R is worse must not excuse ours."""
    case = case_of("hsb-income/REML/optimum")
    runner = make_runner(Moved(lambda theta: theta * 1.1), Altered(recorded, deaf=deaf))
    finding = runner.decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.NEITHER
    excess = "above what R reaches" if "tightened" not in deaf else "not an optimum: a Newton step"
    assert excess in finding.reason or "above the least criterion" in finding.reason
    missing = {"tightened": "tightened refits in R", "fifty_digits": "50-digit arithmetic"}
    for name in deaf:
        assert finding.evidence[missing[name]] == "not available: nobody recorded it"


def test_ours_uphill_of_a_good_r_names_r(case_of, make_runner):
    case = case_of("sleepstudy-slope/ML/optimum")
    finding = make_runner(Moved(lambda theta: theta * [1.05, 1, 1])).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.R
    assert "above R's" in finding.reason


def test_our_saddle_is_a_mismatch_where_r_s_point_is_worse(
    case_of, make_runner, recorded, native_of
):
    """At theta = 0 the gradient is zero whatever the data: only the curvature tells."""
    case = case_of("dyestuff/REML/optimum")
    fit = native_of(case)
    oracle = Altered(recorded, moved_r(fit, [9.0]), deaf=WITNESSES)
    assert fit.criterion(np.zeros(1)) < fit.criterion(np.array([9.0]))
    finding = make_runner(Moved(lambda theta: 0 * theta), oracle).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason.endswith("our point is a saddle of the criterion, not an optimum")


def test_a_planted_difference_in_which_both_are_wrong(case_of, make_runner, recorded, native_of):
    case = case_of("sleepstudy-slope/REML/optimum")
    fit = native_of(case)
    oracle = Altered(recorded, moved_r(fit, fit.theta * [1.2, 1, 1]))
    finding = make_runner(Moved(lambda theta: theta * [0.9, 1, 1]), oracle).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.NEITHER


def test_a_criterion_that_is_not_ours_is_found_out_by_50_digits(case_of, make_runner, perturbed):
    def change(name, value):
        if name != "optimum":
            return value
        return replace(value, numbers=value.numbers - [0, 0, 0, 1e-3])

    finding = make_runner(perturbed(change)).decide(case_of("sleepstudy-slope/REML/optimum"))
    assert finding.finding.verdict is Verdict.MISMATCH
    assert finding.finding.ruling.nearer is Side.R


def test_a_deviance_function_of_ours_that_is_wrong_is_found_out(case_of, make_runner, perturbed):
    """n - p for n, as it might be in our function: both our numbers agree with each other."""

    @dataclass
    class Wrong(MovedFit):
        def criterion(self, theta):
            return self.fit.criterion(theta) + 0.01

    class Wronged(Moved):
        def fit(self, model, data):
            fit = self._native.fit(model, data)
            return Wrong(fit, fit.theta)

    case = case_of("sleepstudy-slope/ML/optimum")
    finding = make_runner(Wronged(None)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason == "the two deviance functions differ"
    assert finding.ruling.nearer is Side.R


# R is wrong


def test_a_theta_that_agrees_by_its_units_only_is_no_match(
    case_of, make_runner, recorded, native_of
):
    """Slopes per dollar are millionths: a column of zeros is within any tolerance of theta."""
    case = case_of("hsb-income/ML/optimum")
    fit = native_of(case)
    oracle = Altered(recorded, moved_r(fit, fit.theta * [1, 0, 0]))
    finding = make_runner(oracle=oracle).decide(case).finding
    assert finding.comparison.passed
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.ruling.nearer is Side.PYTHON
    uphill = make_runner(Moved(lambda theta: theta * [1, 0, 0])).decide(case).finding
    assert uphill.verdict is Verdict.MISMATCH


def test_r_s_theta_moved_is_named_the_worse_one(case_of, make_runner, recorded, native_of):
    case = case_of("sleepstudy-slope/REML/optimum")
    fit = native_of(case)
    oracle = Altered(recorded, moved_r(fit, fit.theta * [1.05, 1, 1]))
    finding = make_runner(oracle=oracle).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.EARLY_STOP)
    assert "R ends at Python's" in finding.ruling.sentence


def test_r_at_the_boundary_is_named_so(case_of, make_runner, recorded, native_of):
    """theta = 0 is stationary; lme4's refit can stay there."""
    case = case_of("dyestuff/ML/optimum")
    oracle = Altered(recorded, moved_r(native_of(case), [0.0]))
    finding = make_runner(oracle=oracle).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.BOUNDARY)
    assert "R stopped at a saddle, with theta1 at its bound" in finding.ruling.sentence


def test_the_same_place_with_another_sign_is_the_same(case_of, make_runner, recorded, native_of):
    case = case_of("sleepstudy-slope/REML/optimum")
    fit = native_of(case)
    oracle = Altered(recorded, moved_r(fit, fit.theta * [-1, -1, 1]))
    finding = make_runner(oracle=oracle).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.BOTH, Cause.FLAT)


def test_a_criterion_of_r_that_is_not_its_own_is_a_mismatch_and_named(
    case_of, make_runner, recorded
):
    def lie(answer):
        return replace(
            answer, value=replace(answer.value, numbers=answer.value.numbers - [0, 0, 0, 0.01])
        )

    case = case_of("sleepstudy-slope/REML/optimum")
    finding = make_runner(oracle=Altered(recorded, {"optimum": lie})).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason == "the two deviance functions differ"
    assert finding.ruling.nearer is Side.PYTHON


# The case that always asks R to look harder


def test_what_r_reaches_is_asked_of_ours(case_of, make_runner):
    case = case_of("sleepstudy-years/ML/tightened")
    right = make_runner().decide(case).finding
    assert right.verdict is Verdict.MATCH
    assert "attempts end within 1e-06 of the lowest" in right.evidence["R, told to look harder"]
    uphill = Moved(lambda theta: theta * (1 + 1e-5))
    wrong = make_runner(uphill).decide(case).finding
    assert wrong.verdict is Verdict.MISMATCH
    assert "above what R reaches" in wrong.reason


def test_slopes_of_a_library_without_derivatives_are_differences(case_of, make_runner, perturbed):
    case = case_of("sleepstudy-quadratic/REML/optimum")

    def as_it_is(_name, value):
        return value

    finding = make_runner(perturbed(as_it_is)).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    exact = table(make_runner().decide(case).finding)["length of the gradient"][0]
    assert table(finding)["length of the gradient"][0] == exact


def test_r_s_slopes_are_ours(case_of, make_runner):
    """numDeriv on lme4's deviance function against our derivatives, at R's point and R's lowest."""
    runner = make_runner()
    for name in ("sleepstudy-quadratic/REML", "orthodont-months/ML", "hsb-income/ML"):
        case = case_of(f"{name}/optimum")
        trial, _ = runner._compare(case, runner.oracle.answer(case))
        fitted, theta = trial.model_sides()
        points = measure(trial, fitted, theta, trial.observed.numbers[:-1], 0.0)
        theirs, ours = points.theirs.theirs, points.theirs.ours
        scale = np.outer(ours.scale, ours.scale)
        size = np.abs(ours.hessian * scale).max()
        np.testing.assert_allclose(theirs.hessian * scale, ours.hessian * scale, atol=1e-5 * size)
        slope = np.abs(ours.gradient * ours.scale).max()
        np.testing.assert_allclose(
            theirs.gradient * ours.scale, ours.gradient * ours.scale, atol=1e-5 * slope
        )
        # Carried to our optimum: no slope is left, by the curvature and the 1e-3 of a unit.
        carried = points.ours.theirs
        assert np.abs(carried.gradient * ours.scale).max() < 1e-5 * size
        here = points.ours.ours.hessian * scale
        np.testing.assert_allclose(carried.hessian * scale, here, atol=3e-3 * np.abs(here).max())


def test_r_s_slopes_are_not_carried_far(case_of, make_runner):
    """A point of ours that is off by a hundredth of a unit gets none of R's lowest point."""
    runner = make_runner()
    case = case_of("orthodont-months/ML/optimum")
    trial, _ = runner._compare(case, runner.oracle.answer(case))
    fitted, theta = trial.model_sides()
    ours = trial.observed.numbers[:-1]
    near = measure(trial, fitted, theta, ours, 0.0)
    far = measure(trial, fitted, theta, ours + 1e-2 * near.ours.ours.scale, 0.0)
    assert near.ours.theirs is not None
    assert far.ours.theirs is None
