"""Who is right where two numbers at one theta differ; an error of ours is never excused."""

from dataclasses import replace

import numpy as np
import pytest

from parity.cases import Case, Model
from parity.deviations import Scope
from parity.errors import RecordedError
from parity.frames import Frames
from parity.implementations import Native
from parity.oracles.answer import Answer
from parity.oracles.live import LiveOracle
from parity.referee.candidate import candidate_rows
from parity.referee.covariance import templates
from parity.referee.cross_products import cross_products
from parity.referee.estimates_50_digits import ESTIMATES
from parity.referee.numbers import within
from parity.referee.tightened import tightened_of
from parity.run import Runner
from parity.values import Value
from parity.verdict import Cause, Side, Verdict
from pybootmlm import load_dataset

MODEL = "sleepstudy-slope/REML"


class Told:
    """The recorded oracle, with R's answer to one quantity changed."""

    name = "recorded"

    def __init__(self, recorded, quantity="", change=None, deaf=False):
        self._recorded, self._quantity, self._change = recorded, quantity, change
        self._deaf = deaf

    def environment(self):
        return self._recorded.environment()

    def answer(self, case):
        if self._deaf and case.quantity == "fifty_digits":
            raise RecordedError("nobody recorded it")
        answer = self._recorded.answer(case)
        if case.quantity != self._quantity:
            return answer
        return replace(answer, value=self._change(answer.value))

    def judge(self, _case, _quantity, _inputs):
        return None

    def close(self):
        pass


def scaled(factor, place=0):
    """Change one number, or all, of a value."""

    def change(value):
        numbers = value.numbers.copy()
        if place is None:
            numbers *= factor
        else:
            flat = numbers.reshape(len(numbers), -1)
            flat[place, 0] *= factor
        return replace(value, numbers=numbers)

    return change


def only(quantity, change):
    return lambda name, value: change(value) if name == quantity else value


def table(finding):
    return {row[0]: row[1:] for row in finding.ruling.rows}


REFEREED = [q for q in (*ESTIMATES, "devfun_lme4") if q != "fifty_digits"]


@pytest.mark.parametrize("quantity", REFEREED)
def test_an_error_of_ours_names_r(quantity, case_of, make_runner, perturbed):
    change = only(quantity, scaled(1 + 1e-6))
    finding = make_runner(perturbed(change)).decide(case_of(f"{MODEL}/{quantity}")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.R
    assert "50-digit arithmetic gives R's number, not ours" in finding.reason
    r, ours = table(finding)["digits that 50-digit arithmetic confirms"]
    assert float(r) > 12 > 8 > float(ours)


@pytest.mark.parametrize("quantity", REFEREED)
def test_an_error_of_r_that_nobody_can_explain_names_us_and_stays_a_mismatch(
    quantity, case_of, make_runner, recorded
):
    oracle = Told(recorded, quantity, scaled(1 + 1e-6))
    finding = make_runner(oracle=oracle).decide(case_of(f"{MODEL}/{quantity}")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.PYTHON
    assert "nothing shows how R comes to another" in finding.reason


@pytest.mark.parametrize("quantity", ["fixef", "sigma", "criterion", "fitted", "vcov"])
def test_where_both_are_wrong_nobody_is_named(quantity, case_of, make_runner, recorded, perturbed):
    oracle = Told(recorded, quantity, scaled(1 + 1e-5))
    ours = perturbed(only(quantity, scaled(1 - 1e-5)))
    finding = make_runner(ours, oracle).decide(case_of(f"{MODEL}/{quantity}")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.NEITHER
    assert "gives neither R's number nor ours" in finding.reason


def test_the_numbers_are_shown_side_by_side(case_of, make_runner, perturbed):
    change = only("fixef", scaled(1.01, place=1))
    finding = make_runner(perturbed(change)).decide(case_of(f"{MODEL}/fixef")).finding
    (row,) = [name for name in table(finding) if "in 50 digits" in name]
    assert row.startswith("[Days], 10.467285959")  # Bates et al. (2015): 10.467
    r, ours = table(finding)[row]
    assert r == ""
    assert ours.startswith("10.57195")
    assert set(finding.ruling.evidence) <= set(finding.evidence)


# Degrees of freedom: 180 rows, 2 fixed effects

MORE = np.sqrt(178 / 179)  # sigma with n - 1 for n - p


def test_degrees_of_freedom_of_r_are_named(case_of, make_runner, recorded):
    oracle = Told(recorded, "sigma", scaled(MORE))
    finding = make_runner(oracle=oracle).decide(case_of(f"{MODEL}/sigma")).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.DEGREES)
    assert finding.reason == "R counts 179 degrees of freedom"


def test_degrees_of_freedom_of_ours_stay_a_mismatch(case_of, make_runner, perturbed):
    runner = make_runner(perturbed(only("sigma", scaled(MORE))))
    finding = runner.decide(case_of(f"{MODEL}/sigma")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.R, Cause.DEGREES)
    assert "ours counts 179 degrees of freedom" in finding.reason


# Rounding: the same regression, its day counted from a day long ago


def far(days) -> tuple[Model, Frames]:
    frame = load_dataset("sleepstudy")
    frame["day"] = frame["Days"] + days
    model = Model("far/REML", "far", "Reaction ~ day + (1 | Subject)", reml=True)
    return model, Frames({"far": frame})


class NormalEquations:
    """Somebody who solves the normal equations in double precision, as lme4 does."""

    name = "recorded"

    def __init__(self, rows, theta, extra=0.0):
        self._rows, self._theta, self._extra = rows, theta, extra

    def environment(self):
        return {"R": "0"}

    def answer(self, case):
        rows, theta = self._rows, self._theta
        n, p = rows.X.shape
        if case.quantity == "fifty_digits":
            evidence = {
                "terms": Value.of(np.array([[t.factor, t.size, t.levels] for t in rows.terms]).T),
                "size": Value.of([n, p]),
                "md5": Value.of(list(rows.digest)),
            }
            return Answer(Value.of([0.0]), theta, evidence, oracle="recorded")
        if case.quantity != "fixef":
            raise RecordedError("nobody recorded it")
        q = sum(t.size * t.levels for t in rows.terms)
        Z = np.zeros((n, q))
        Z[rows.row, rows.column] = rows.entry
        ZL = Z * templates(theta, rows.terms)[0][0, 0]
        A = np.hstack([ZL, rows.X])
        G = A.T @ A + np.diag([1.0] * q + [0.0] * p)
        L = np.linalg.cholesky(G)
        beta = np.linalg.solve(L.T, np.linalg.solve(L, A.T @ rows.y))[-p:]
        value = Value.of(beta * (1 + self._extra), ["(Intercept)", "day"])
        return Answer(value, theta, {}, oracle="recorded")

    def judge(self, _case, _quantity, _inputs):
        return None

    def close(self):
        pass


def decide_far(make_runner, days, extra=0.0, implementation=None):
    model, frames = far(days)
    rows = candidate_rows(model, frames.of(model))()
    oracle = NormalEquations(rows, np.array([1.2]), extra)
    plain = make_runner()
    runner = Runner(implementation or Native(), oracle, plain.tolerances, (), frames)
    return runner.decide(
        Case("far/REML/fixef", "lmer.fixef", "fixef", "deterministic", model)
    ).finding


def test_digits_that_normal_equations_lose_are_rounding(make_runner):
    finding = decide_far(make_runner, 1e5)
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.ROUNDING)
    r, ours = table(finding)["digits that 50-digit arithmetic confirms"]
    assert float(r) < 9 < 11 < float(ours)
    assert "condition numbers" in "; ".join(finding.evidence.values())


def test_more_than_normal_equations_lose_is_not_rounding(make_runner):
    """Ten times what the condition number allows, at a day where it allows 1e-9."""
    finding = decide_far(make_runner, 1e3, extra=1e-7)
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.PYTHON


def test_our_error_is_not_excused_by_an_ill_conditioned_model(make_runner, perturbed):
    """The data determine eleven digits here; we are made to miss the ninth, R the sixth."""
    ours = perturbed(only("fixef", scaled(1 + 1e-8, place=None)))
    finding = decide_far(make_runner, 1e5, implementation=ours)
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.NEITHER


def test_what_the_data_leave_open_is_held_against_nobody(make_runner, perturbed):
    """At 1e9 days half a unit of the day moves the slope in the eighth digit."""
    finding = decide_far(make_runner, 1e6)
    moved = [text for name, text in finding.evidence.items() if name.startswith("half a unit")]
    assert float(moved[0].rpartition(" ")[2]) > 1e-5  # of an intercept of 1e7
    slightly = perturbed(only("fixef", scaled(1 + 2e-12, place=None)))
    finding = decide_far(make_runner, 1e6, implementation=slightly)
    assert finding.verdict is Verdict.EXPLAINED


# Where nobody can be heard


def test_without_r_s_rows_a_difference_stays_a_mismatch(case_of, make_runner, recorded, perturbed):
    oracle = Told(recorded, deaf=True)
    change = only("fixef", scaled(1 + 1e-6))
    finding = make_runner(perturbed(change), oracle).decide(case_of(f"{MODEL}/fixef")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling is None
    assert finding.evidence["50-digit arithmetic"] == "not available: nobody recorded it"


def test_without_mpmath_a_difference_stays_a_mismatch(case_of, make_runner, perturbed, monkeypatch):
    def absent(_name):
        raise ImportError

    cross_products.cache_clear()
    monkeypatch.setattr("parity.referee.cross_products.import_module", absent)
    change = only("fixef", scaled(1 + 1e-6))
    finding = make_runner(perturbed(change)).decide(case_of(f"{MODEL}/fixef")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "mpmath is not installed" in finding.evidence["50-digit arithmetic"]
    always = make_runner().decide(case_of(f"{MODEL}/fifty_digits")).finding
    assert always.verdict is Verdict.NOT_RUN
    assert "pip install pybootmlm[referee]" in always.reason
    optimum = make_runner().decide(case_of("sleepstudy-years/ML/optimum")).finding
    assert optimum.verdict is Verdict.EXPLAINED
    assert "mpmath is not installed" in optimum.evidence["50-digit arithmetic"]
    assert "told to look harder, R ends at Python's" in optimum.ruling.sentence


def test_a_quantity_that_the_referee_does_not_know_stays_a_mismatch(
    case_of, make_runner, perturbed
):
    case = case_of(f"{MODEL}/shape")
    finding = make_runner(perturbed(only("shape", scaled(2.0)))).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling is None


# The covariance of theta, where R's numeric derivative drowns


@pytest.mark.parametrize("model", ["dyestuff2/REML", "dyestuff2/ML", "pop-slope/REML"])
def test_r_s_hessian_at_zero_is_the_one_that_50_digits_refuse(model, case_of, make_runner):
    finding = make_runner().decide(case_of(f"{model}/vcov_theta")).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.ROUNDING)
    said = finding.evidence["the Hessian in 50-digit arithmetic"]
    r, ours = (float(part.split()[i]) for part, i in zip(said.split(", "), (3, -1), strict=True))
    assert r < 5 < 13 < ours


def test_our_hessian_is_refused_by_50_digits_even_where_r_s_drowns(case_of, make_runner, perturbed):
    """3e-6 off: within what is asked of R's numeric derivative, and seen all the same."""
    change = only("vcov_theta", scaled(1 + 2e-5))
    finding = make_runner(perturbed(change)).decide(case_of("dyestuff2/REML/vcov_theta")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.ruling.nearer is Side.NEITHER


# A deviation cannot overrule the referee


def test_a_registered_deviation_does_not_excuse_what_the_referee_refuses(
    case_of, make_runner, perturbed
):
    deviation = replace(
        next(d for d in make_runner().deviations if d.id == "bootmlm-scores-column-names"),
        scopes=(Scope(quantities=frozenset({"fixef"}), proof="r_has_no_answer"),),
        packages={"lme4": ">=0"},
    )
    change = only("fixef", scaled(1 + 1e-6))
    runner = make_runner(perturbed(change), deviations=(deviation,))
    finding = runner.decide(case_of(f"{MODEL}/fixef")).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "50-digit arithmetic gives R's number, not ours" in finding.reason


def test_within_matches_names():
    reference = Value.of({"a": 1.0, "b": 2.0})
    assert within(reference, Value.of({"b": 2.1, "a": 1.0}), np.array([0.0, 0.2]))
    assert not within(reference, Value.of({"b": 2.1, "a": 1.0}), np.array([0.2, 0.0]))


@pytest.mark.live_r
def test_lme4_loses_digits_that_we_keep(make_runner):
    """Live: days counted from a hundred thousand days ago."""
    model, frames = far(1e5)
    oracle = LiveOracle(frames=frames)
    plain = make_runner()
    runner = Runner(Native(), oracle, plain.tolerances, (), frames)
    try:
        for quantity, tolerance in (("optimum", "optimum"), ("fixef", "deterministic")):
            case = Case(f"far/REML/{quantity}", f"lmer.{quantity}", quantity, tolerance, model)
            finding = runner.decide(case).finding
            assert finding.verdict is Verdict.EXPLAINED, finding.reason
            assert (finding.ruling.nearer, finding.ruling.cause) == (Side.PYTHON, Cause.ROUNDING)
    finally:
        oracle.close()


@pytest.mark.live_r
def test_looking_harder_leaves_r_s_fit_as_it_was(case_of):
    """lme4 writes theta where it stands: an optimiser on a fit's own parts would move the fit."""
    oracle = LiveOracle()
    model = case_of("sleepstudy-years/ML/optimum").model
    ask = [Case("a", "x", q, "deterministic", model) for q in ("u", "fitted", "optimum")]
    look = Case("b", "x", "tightened", "optimum", model, {"seconds": 60, "starts": [3.0, 0.0, 0.1]})
    try:
        before = [oracle.answer(case).value.numbers for case in ask]
        oracle.answer(look)
        after = [oracle.answer(case).value.numbers for case in ask]
        rows = oracle.answer(Case("c", "x", "fifty_digits", "deterministic", model, {"whole": 9e9}))
    finally:
        oracle.close()
    for one, other in zip(before, after, strict=True):
        assert one.tobytes() == other.tobytes()
    assert len(rows.evidence["y"].numbers) == 180


@pytest.mark.live_r
def test_an_r_that_is_given_no_time_says_how_far_it_came(case_of):
    oracle = LiveOracle()
    model = case_of("hsb-between-slope/ML/optimum").model
    try:
        first = oracle.answer(Case("a", "x", "optimum", "optimum", model)).value.numbers
        look = Case("b", "x", "tightened", "optimum", model, {"seconds": 0.05})
        answer = oracle.answer(look)
        again = oracle.answer(Case("c", "x", "devfun_lme4", "criterion", model,
                                   {"scale": [1.0], "shift": 0.0}))  # fmt: skip
    finally:
        oracle.close()
    found = tightened_of(answer.value, answer.evidence)
    assert found.who == "no attempt ended in time"
    assert found.criterion == again.value.numbers[0] == first[-1]
    assert found.at_best is None
