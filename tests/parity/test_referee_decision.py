"""The rules of the referee by themselves: what each refuses, and the reason it gives."""

from dataclasses import replace

import numpy as np
import pytest

from parity.referee.decision import (
    BOUNDARY,
    EARLY,
    FLAT,
    VALLEY,
    Numbers,
    Optima,
    Stop,
    decide_numbers,
    decide_optima,
)
from parity.referee.slopes import Slopes
from parity.verdict import Cause, Ruling, Side

NAN = float("nan")
# Ours is a minimum; R stopped on a slope, 0.5 above.
EARLY_STOP = Optima(
    ours=Stop(100.0, gain=1e-14),
    theirs=Stop(100.5, gain=0.3),
    rise=0.0,
    reach=100.0,
    least=100.0 - 1e-13,
    allowed=1e-6,
)


def test_r_stopped_early():
    decision = decide_optima(EARLY_STOP)
    assert decision.explained
    assert (decision.nearer, decision.cause) == (Side.PYTHON, Cause.EARLY_STOP)
    assert decision.reason == EARLY


@pytest.mark.parametrize(
    ("change", "nearer", "said"),
    [
        ({"ours": Stop(100.6, gain=1e-14), "reach": None, "least": None}, Side.R, "above R's"),
        ({"reach": 99.9}, Side.NEITHER, "above what R reaches when it is told to look harder"),
        ({"least": 99.9}, Side.NEITHER, "above the least criterion, in 50 digits"),
        ({"ours": Stop(100.0, gain=1e-3)}, Side.NEITHER, "a Newton step from it would gain"),
        ({"ours": Stop(100.0, gain=1e-14, saddle=True)}, Side.NEITHER, "is a saddle"),
        ({"ours": Stop(100.0, gain=NAN)}, Side.NEITHER, "a Newton step from it would gain nan"),
        ({"ours": Stop(NAN, gain=1e-14)}, Side.R, "above R's"),
        ({"theirs": Stop(NAN, gain=0.3)}, Side.R, "above R's"),
        ({"reach": NAN}, Side.NEITHER, "above what R reaches"),
    ],
)
def test_nothing_excuses_an_optimum_of_ours_that_does_not_hold(change, nearer, said):
    """Each of these is lower than R's point, or unknown, and none of them is explained."""
    decision = decide_optima(replace(EARLY_STOP, **change))
    assert not decision.explained
    assert decision.nearer is nearer
    assert said in decision.reason


def test_what_is_not_known_is_not_held_against_anybody():
    assert decide_optima(replace(EARLY_STOP, reach=None, least=None)).explained


@pytest.mark.parametrize(
    ("theirs", "rise", "cause", "reason"),
    [
        (Stop(102.3, gain=1e-12, saddle=True, on_bound=True), 0.0, Cause.BOUNDARY, BOUNDARY),
        (Stop(102.3, gain=1e-12, saddle=True), 1.0, Cause.EARLY_STOP, EARLY),
        (Stop(102.3, gain=0.4, saddle=True, on_bound=True), 0.0, Cause.EARLY_STOP, EARLY),
        (Stop(102.3, gain=1e-12), 0.0, Cause.EARLY_STOP, EARLY),
        (Stop(102.3, gain=1e-12), 0.7, Cause.VALLEY, VALLEY),
        (Stop(102.3, gain=1e-12, on_bound=True), 0.7, Cause.VALLEY, VALLEY),
        (Stop(100.0 + 4e-7, gain=4e-7), 0.0, Cause.FLAT, FLAT),
    ],
)
def test_the_cause_is_named(theirs, rise, cause, reason):
    decision = decide_optima(replace(EARLY_STOP, theirs=theirs, rise=rise))
    assert decision.explained
    assert (decision.cause, decision.reason) == (cause, reason)
    assert decision.nearer is (Side.BOTH if cause is Cause.FLAT else Side.PYTHON)


def test_two_places_of_one_height_with_a_rise_between_stay_a_mismatch():
    same = replace(EARLY_STOP, theirs=Stop(100.0, gain=0.0), rise=0.2)
    decision = decide_optima(same)
    assert not decision.explained
    assert decision.nearer is Side.OPEN


# Numbers


@pytest.mark.parametrize(
    ("numbers", "explained", "nearer", "cause"),
    [
        # ours wrong: never explained, whatever else is known
        (Numbers(False, True), False, Side.R, Cause.UNKNOWN),
        (Numbers(False, True, theirs_rounding=True, theirs_df=9), False, Side.R, Cause.UNKNOWN),
        (Numbers(False, True, ours_df=9), False, Side.R, Cause.DEGREES),
        (Numbers(False, False), False, Side.NEITHER, Cause.UNKNOWN),
        (Numbers(False, False, theirs_rounding=True), False, Side.NEITHER, Cause.UNKNOWN),
        (Numbers(False, False, theirs_df=9), False, Side.NEITHER, Cause.UNKNOWN),
        # ours right, R's not: explained only where somebody can say why
        (Numbers(True, False), False, Side.PYTHON, Cause.UNKNOWN),
        (Numbers(True, False, theirs_rounding=True), True, Side.PYTHON, Cause.ROUNDING),
        (Numbers(True, False, theirs_df=9), True, Side.PYTHON, Cause.DEGREES),
        (Numbers(False, False, ours_determined=True), False, Side.PYTHON, Cause.UNKNOWN),
        # both right to what the data determine
        (Numbers(True, True), True, Side.BOTH, Cause.ROUNDING),
        (Numbers(False, True, ours_determined=True), True, Side.BOTH, Cause.ROUNDING),
    ],
)
def test_numbers(numbers, explained, nearer, cause):
    decision = decide_numbers(numbers)
    assert (decision.explained, decision.nearer, decision.cause) == (explained, nearer, cause)
    assert decision.reason


# Slopes


def bowl(theta, scale=(1.0, 1.0)) -> Slopes:
    """Of f = x^2 + 10 y^2 / 2."""
    hessian = np.diag([2.0, 10.0])
    return Slopes(hessian @ np.array(theta), hessian, np.array(scale), exact=True)


def test_a_newton_step_gains_all_of_a_bowl():
    assert bowl([0.3, -0.2]).gain == pytest.approx(0.3**2 + 5 * 0.2**2, rel=1e-14)
    assert bowl([0.3, -0.2]).norm == pytest.approx(np.hypot(0.6, 2.0))
    assert bowl([0.0, 0.0]).least_curvature == pytest.approx(2.0)


def test_the_gain_does_not_depend_on_units():
    units = np.array([1e-6, 1e3])
    there = bowl([0.3, -0.2])
    moved = Slopes(there.gradient / units, there.hessian / np.outer(units, units), units, True)
    assert moved.gain == pytest.approx(there.gain, rel=1e-12)
    assert moved.least_curvature == pytest.approx(there.least_curvature)


@pytest.mark.parametrize(
    ("values", "saddle", "flat"),
    [
        ([2.0, 10.0], False, False),
        ([-1.0, 10.0], True, False),
        ([0.0, 10.0], False, True),
        ([-1e-9, 10.0], False, True),
        ([-1e-3, 10.0], True, False),
    ],
)
def test_saddles_and_flat_directions(values, saddle, flat):
    slopes = Slopes(np.zeros(2), np.diag(values), np.ones(2), exact=True)
    assert (slopes.saddle, slopes.flat) == (saddle, flat)


def test_a_ruling_gives_its_rows_as_evidence():
    ruling = Ruling(Side.R, Cause.ROUNDING, "so", ("R", "Python"), (("digits", "3", ""),))
    assert ruling.evidence == {"digits": "R: 3"}
