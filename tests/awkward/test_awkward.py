"""Awkward designs: never above the best of lme4's optimisers, and the same in an easy form.

`all_fit.json` was made by all_fit.R (through record.py) and names its versions: the least criterion
that seven optimisers reach, lme4's `allFit`. Ours may be lower, never higher by more than 1e-6.
"""

import hashlib
import json
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from awkward_designs import Design, as_text
from awkward_table import BY_FILE
from record import run_r

import pybootmlm as bm
from parity.independent.anova import variance_components
from parity.independent.nist import certified, nist_frame, nist_names
from pybootmlm.exceptions import (
    ConvergenceWarning,
    PybootmlmWarning,
    RankDeficiencyWarning,
    SingularFitWarning,
)

RECORD = json.loads((Path(__file__).parent / "all_fit.json").read_text(encoding="utf-8"))
ABOVE = 1e-6
# Quick ones for a live R, of every kind.
LIVE = ("12", "14", "21", "25", "28", "31", "32", "33", "35", "42", "45", "46")
BOUNDED = [name for name, design in BY_FILE.items() if not design.unbounded]
WITH_EASY = [name for name in BOUNDED if BY_FILE[name].easy]


def title(name: str) -> str:
    return BY_FILE[name].name


@cache
def fitted(name: str) -> bm.LmerFit:
    design = BY_FILE[name]
    with warnings.catch_warnings():
        # Which designs are singular is a finding, not a fault; anything else would be a fault.
        warnings.simplefilter("ignore", SingularFitWarning)
        warnings.simplefilter("ignore", RankDeficiencyWarning)
        return bm.lmer(design.formula, design.frame, reml=design.reml, weights=design.weights)


def easy_gain(design: Design) -> float:
    return design.easy(design.frame).gain if design.drowned and design.easy else 0.0


def above(fit: bm.LmerFit, design: Design, best: str) -> float:
    """How far the criterion is above the best of lme4's."""
    return fit.criterion - (float(best) + easy_gain(design))


def left_to_gain(fit: bm.LmerFit) -> tuple[float, float]:
    """Length of the gradient, and the least curvature, in units in which curvatures are one.

    Lambda may be any lower triangular matrix (a column and its negative are one model), so a
    minimum at the boundary too has no gradient, and no direction that leads down.
    """
    problem, theta = fit.model.problem, fit.theta
    found = problem.evaluate(theta[None], fit.reml, 1)
    assert found.gradient is not None
    hessian = problem.hessian(theta, fit.reml)
    unit = 1 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    curvatures, vectors = np.linalg.eigh(hessian * np.outer(unit, unit))
    along = vectors.T @ (found.gradient[0] * unit)
    length = np.sqrt((along**2 / np.maximum(np.abs(curvatures), 1e-9)).sum())
    return float(length), float(curvatures.min())


def test_the_table_is_long_enough_and_its_names_differ():
    assert len(BY_FILE) >= 30
    assert len({design.name for design in BY_FILE.values()}) == len(BY_FILE)
    assert sum(design.unbounded for design in BY_FILE.values()) == 1
    assert len(WITH_EASY) >= 25


@pytest.mark.parametrize("name", BOUNDED, ids=title)
def test_never_above_the_best_of_lme4(name: str):
    design, recorded = BY_FILE[name], RECORD["designs"][name]
    assert hashlib.md5(as_text(design).encode()).hexdigest() == recorded["md5"], "other data"
    assert above(fitted(name), design, recorded["best"]) < ABOVE


@pytest.mark.parametrize("name", BOUNDED, ids=title)
def test_nothing_is_left_to_gain(name: str):
    fit = fitted(name)
    length, curvature = left_to_gain(fit)
    # Half its square is what a step could still gain: 5e-13.
    assert length < 1e-6
    assert curvature > -1e-8
    assert fit.optimum.converged


@pytest.mark.parametrize("name", WITH_EASY, ids=title)
def test_the_same_in_an_easy_form(name: str):
    design, fit = BY_FILE[name], fitted(name)
    assert design.easy is not None
    easy = design.easy(design.frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        plain = bm.lmer(easy.formula, easy.frame, reml=design.reml, weights=easy.weights)
    # Criteria of order 1000, to a part in 1e12.
    assert fit.criterion == pytest.approx(plain.criterion + easy.gain, abs=1e-9)
    expected = plain.mu * easy.unit + easy.origin
    if easy.rows is not None:
        expected = expected[easy.rows]
    # A criterion that is flat to 1e-13 bounds the estimates to about its root; a double about 1e8
    # is one of a grid.
    error = 1e-7 * np.std(fit.design.y) + 8 * np.spacing(np.abs(fit.design.y).max())
    assert np.abs(fit.mu - expected).max() < error


@pytest.mark.parametrize("name", nist_names())
def test_certified_variance_components(name: str):
    """Balanced: REML's estimates are functions of the sums of squares that NIST certifies."""
    fit = bm.lmer("response ~ 1 + (1 | treatment)", nist_frame(name))
    expected = variance_components(certified(name), reml=True)
    # Decimals such as 1000000000000.4 are rounded to doubles before anyone computes.
    error = 4 * np.spacing(np.abs(fit.design.y).max()) / np.std(fit.design.y)
    assert fit.sigma**2 == pytest.approx(expected["variance within"], rel=1e-10 + error)
    found = fit.varcorr.terms[0].sd[0] ** 2
    assert found == pytest.approx(expected["variance between"], rel=1e-8 + error)


def test_a_perfect_fit_is_said_to_have_no_optimum():
    (design,) = (design for design in BY_FILE.values() if design.unbounded)
    with pytest.warns(ConvergenceWarning, match="falls without bound"):
        bm.lmer(design.formula, design.frame)


@pytest.mark.parametrize("name", ["04", "21", "25", "42"], ids=title)
def test_control_a_moved_theta_fails(name: str):
    fit, design = fitted(name), BY_FILE[name]
    moved = fit.at_theta(fit.theta * (1 + 1e-3) + 1e-3)
    assert above(moved, design, RECORD["designs"][name]["best"]) > ABOVE
    assert left_to_gain(moved)[0] > 1e-6


def test_control_an_end_at_a_saddle_is_seen():
    """No variance at all is a stationary point, here one from which the criterion falls."""
    fit = fitted("25")
    length, curvature = left_to_gain(fit.at_theta([0.0]))
    assert length < 1e-6
    assert curvature < -1e-8


def test_control_a_warning_of_convergence_would_be_an_error():
    with pytest.raises(PybootmlmWarning, match="falls without bound"):
        fitted(next(name for name in BY_FILE if name not in BOUNDED))


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "all_fit.R"
    assert RECORD["provenance"]["lme4"] >= "1.1"
    assert list(RECORD["designs"]) == list(BY_FILE)


@pytest.mark.live_r
def test_never_above_live_lme4(tmp_path: Path):
    run_r(LIVE, tmp_path / "live.json", "some")
    live = json.loads((tmp_path / "live.json").read_text(encoding="utf-8"))["designs"]
    found = {title(name): above(fitted(name), BY_FILE[name], live[name]["best"]) for name in LIVE}
    assert {name: value for name, value in found.items() if not value < ABOVE} == {}
