"""Slopes whose predictor lies far from zero: a model is the same wherever its predictors begin.

An unstructured term does not change its family of covariances when its columns are recombined, and
X keeps its space; so the criterion of y ~ x + (x | g) is that of the centred x. REML's criterion
falls or rises by twice the logarithm of the unit of x in X. Tolerance: 1e-8 of criteria of order
1000, as the rounding of x itself, at 1e7 a part in 1e-9 of its spread, lets one ask for.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import RankDeficiencyWarning, SingularFitWarning

SAME = 1e-8
SLEEP = bm.load_dataset("sleepstudy")
SLEEP["h"] = np.resize(list("abcdef"), len(SLEEP))


def fitted(formula: str, data: pd.DataFrame, **options: Any) -> bm.LmerFit:
    """A fit. lme4's test of singularity is absolute in theta, and so depends on the origin."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", SingularFitWarning)
        return bm.lmer(formula, data, **options)


FORMULAS = ["Reaction ~ Days + (Days | Subject)", "Reaction ~ Days + (Days | Subject) + (1 | h)"]


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("origin", [1e3, 1e4, 1e5, 1e6, 1e7, -1e6])
def test_another_origin(formula: str, origin: float, reml: bool):
    plain = fitted(formula, SLEEP, reml=reml)
    moved = fitted(formula, SLEEP.assign(Days=SLEEP.Days + origin), reml=reml)
    assert moved.optimum.converged
    assert abs(moved.criterion - plain.criterion) < SAME
    np.testing.assert_allclose(moved.sigma, plain.sigma, rtol=1e-8)
    np.testing.assert_allclose(moved.mu, plain.mu, rtol=1e-8)
    np.testing.assert_allclose(moved.std_errors["Days"], plain.std_errors["Days"], rtol=1e-7)
    sds = [fit.varcorr.terms[0].sd[1] for fit in (moved, plain)]
    np.testing.assert_allclose(*sds, rtol=1e-6)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("origin", [1e6, 1e7, 1e8])
def test_another_origin_of_random_slopes_alone(origin: float, reml: bool):
    plain = fitted("Reaction ~ 1 + (Days | Subject)", SLEEP, reml=reml)
    data = SLEEP.assign(Days=SLEEP.Days + origin)
    moved = fitted("Reaction ~ 1 + (Days | Subject)", data, reml=reml)
    assert abs(moved.criterion - plain.criterion) < SAME


def test_fixed_effects_too_far_from_zero_are_dropped_as_r_drops_them():
    """R's rank has the tolerance 1e-7; (1, x + 1e8) is of rank one by it."""
    with pytest.warns(RankDeficiencyWarning, match="dropped 1"):
        fitted_names = bm.lmer(
            "Reaction ~ Days + (1 | Subject)", SLEEP.assign(Days=SLEEP.Days + 1e8)
        ).labels.fixed
    assert fitted_names == ("(Intercept)",)


@pytest.mark.parametrize("unit", [1e-8, 1e-4, 1e4, 1e8])
@pytest.mark.parametrize("formula", FORMULAS)
def test_another_unit(formula: str, unit: float):
    data = SLEEP.assign(Days=SLEEP.Days * unit)
    plain, scaled = (fitted(formula, d, reml=False) for d in (SLEEP, data))
    assert abs(scaled.criterion - plain.criterion) < SAME
    plain, scaled = (fitted(formula, d) for d in (SLEEP, data))
    assert abs(scaled.criterion - 2 * np.log(unit) - plain.criterion) < SAME


def test_years_and_their_squares():
    """2001 to 2010 and their squares: nearly collinear, and what one fits who does not centre."""
    rng = np.random.default_rng(0)
    year, g = np.tile(np.arange(2001.0, 2011.0), 40), np.repeat(np.arange(40), 10)
    x = year - 2005.5
    b = rng.normal(size=(40, 3)) * [1, 0.3, 0.1]
    y = 5 + 0.5 * x + (b[g] * np.column_stack([x**0, x, x**2])).sum(axis=1) + rng.normal(size=400)
    data = pd.DataFrame({"y": y, "g": g.astype(str), "x": x, "x2": x**2})
    data = data.assign(year=year, year2=year**2)
    plain = fitted("y ~ x + x2 + (x + x2 | g)", data, reml=False)
    raw = fitted("y ~ year + year2 + (year + year2 | g)", data, reml=False)
    assert raw.optimum.converged
    assert abs(raw.criterion - plain.criterion) < SAME
    np.testing.assert_allclose(raw.mu, plain.mu, rtol=1e-7)
    np.testing.assert_allclose(raw.varcorr.terms[0].sd[2], plain.varcorr.terms[0].sd[2], rtol=1e-5)


def test_bootstraps_profiles_and_influence_from_another_origin():
    plain, moved = (fitted(FORMULAS[0], d) for d in (SLEEP, SLEEP.assign(Days=SLEEP.Days + 1e5)))
    # Resampled clusters are the same rows; other schemes standardise effects by roots of their
    # covariance, which are others from another origin, and their replicates with them.
    one, other = (
        bm.bootstrap_mer(fit, lambda m: [m.sigma, m.criterion], nsim=6, type="case", rng=2).t
        for fit in (plain, moved)
    )
    np.testing.assert_allclose(one, other, rtol=1e-7)
    for type_ in ("parametric", "residual", "residual_cgr", "residual_trans", "reb"):
        found = bm.bootstrap_mer(moved, lambda m: m.theta, nsim=4, type=type_, rng=2)
        assert np.isfinite(found.t).all()
    profiles = [fit.confint(method="profile", parm=["sigma", "Days"]) for fit in (plain, moved)]
    np.testing.assert_allclose(profiles[1], profiles[0], rtol=1e-5)
    values = [bm.empinf_merm(fit, lambda m: m.sigma).to_numpy() for fit in (plain, moved)]
    np.testing.assert_allclose(values[1], values[0], rtol=1e-5, atol=1e-6)


def test_control_without_whitening_it_does_not_converge(monkeypatch: pytest.MonkeyPatch):
    """What the search was before: theta itself, on the data's own columns."""
    monkeypatch.setattr("pybootmlm.lmm.search.coordinates.whitening", lambda Z: np.eye(Z.shape[1]))
    data = SLEEP.assign(Days=SLEEP.Days + 1e6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = bm.lmer(FORMULAS[0], data)
    plain = fitted(FORMULAS[0], SLEEP)
    assert not raw.optimum.converged or abs(raw.criterion - plain.criterion) > 1e-4
