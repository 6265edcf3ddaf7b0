"""Moments of what the resampling schemes make, exact because every draw can be enumerated.

A scheme draws indices, each uniform and independent of the others, or standard normals, and `apply`
is affine in what is drawn. So means and covariances follow from a few chosen draws, without a
random number. Sums of some hundred terms: 1e-9.
"""

from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from models import Model, models

import pybootmlm as bm
from pybootmlm.resampling.case import CaseDraws
from pybootmlm.resampling.parametric import Normals
from pybootmlm.resampling.scheme import EffectsAndErrors
from pybootmlm.resampling.table import resolve

SAME = {"rtol": 1e-8, "atol": 1e-8}


def inside(fit: bm.LmerFit) -> bm.LmerFit:
    """The fit, whose Lambda must be regular."""
    diagonal = fit.theta[fit.labels.covariance.on_diagonal]
    assume(bool(np.all(diagonal > 0.05)))
    return fit


def mean_of(fit: bm.LmerFit) -> np.ndarray:
    return fit.design.X @ fit.beta


def covariance_of(fit: bm.LmerFit, textbook: ModuleType) -> np.ndarray:
    """sigma^2 V of the textbook."""
    dense = textbook.of_design(fit.design, fit.theta, fit.reml)
    return np.asarray(fit.sigma**2 * dense.V)


def constant(fit: bm.LmerFit, plan: Any, which: int, size: int) -> EffectsAndErrors:
    """Replicates in which every level of every term, or every row, is the same index."""
    index = np.arange(size)[:, None]
    effects = tuple(
        np.repeat(np.minimum(index, pool.shape[1] - 1) * which, pool.shape[1], axis=1)
        for pool in plan.effects
    )
    return EffectsAndErrors(effects, np.repeat(index * (1 - which), fit.nobs, axis=1))


@given(model=models())
def test_parametric(textbook: ModuleType, model: Model):
    fit = model.fit()
    plan, q, n = resolve("parametric").plan(fit), fit.b.size, fit.nobs
    unit = np.eye(q + n)
    y = plan.apply(Normals(unit[:, :q], unit[:, q:])).y(fit)
    none = plan.apply(Normals(np.zeros((1, q)), np.zeros((1, n)))).y(fit)
    np.testing.assert_allclose(none[:, 0], mean_of(fit), **SAME)
    root = y - none
    np.testing.assert_allclose(root @ root.T, covariance_of(fit, textbook), **SAME)


@given(model=models())
def test_residual_cgr_has_the_model_s_moments(model: Model):
    fit = inside(model.fit())
    plan = resolve("residual_cgr").plan(fit)
    matrices = fit.labels.covariance.term_matrices(fit.theta)
    for L, pool in zip(matrices, plan.effects, strict=True):
        found = np.cov(pool, bias=True).reshape(L.shape)
        np.testing.assert_allclose(found, fit.sigma**2 * L @ L.T, **SAME)
    assert np.mean(plan.errors**2) == pytest.approx(fit.sigma**2, rel=1e-10)


@pytest.mark.parametrize("scheme", ["residual", "residual_cgr"])
@given(model=models())
def test_replicates_of_one_index_average_to_the_pools_means(scheme: str, model: Model):
    fit = model.fit()
    plan = resolve(scheme).plan(fit)
    n = fit.nobs
    y = plan.apply(constant(fit, plan, 0, n)).y(fit)
    at_first = plan.apply(constant(fit, plan, 1, 1)).y(fit)[:, 0]
    errors, root = plan.errors, np.sqrt(fit.weights.to_numpy())
    effects = at_first - mean_of(fit) - errors[0] / root
    expected = mean_of(fit) + effects + errors.mean() / root
    np.testing.assert_allclose(y.mean(axis=1), expected, **SAME)
    squares = ((y - expected[:, None]) ** 2).mean(axis=1)
    np.testing.assert_allclose(squares, np.var(errors) / root**2, **SAME)


@given(model=models())
def test_residual_trans_has_the_model_s_covariance(textbook: ModuleType, model: Model):
    fit = model.fit()
    plan = resolve("residual_trans").plan(fit)
    assert plan.zeta.mean() == pytest.approx(0.0, abs=1e-10)
    root = np.sqrt(fit.weights.to_numpy())
    factor = plan.factor.colour(np.eye(fit.nobs)) / root[:, None]
    expected = covariance_of(fit, textbook) / fit.sigma**2
    np.testing.assert_allclose(factor @ factor.T, expected, **SAME)
    # What was taken apart comes together again, but for the mean that was taken away.
    own = plan.apply(np.arange(fit.nobs)[None]).y(fit)[:, 0]
    gone = factor @ np.ones(fit.nobs)
    left = fit.design.y - own
    np.testing.assert_allclose(left, gone * (left @ gone) / (gone @ gone), **SAME)


@given(model=models("intercepts", "slopes"))
def test_reb_in_its_own_order_gives_the_response_back(model: Model):
    fit = model.fit()
    plan = resolve("reb").plan(fit)
    levels = tuple(np.arange(pool.shape[1])[None] for pool in plan.effects)
    y = plan.apply(EffectsAndErrors(levels, np.arange(fit.nobs)[None])).y(fit)[:, 0]
    np.testing.assert_allclose(y, fit.design.y, **SAME)


@given(model=models("intercepts"))
def test_reb_scaled_has_the_model_s_moments(model: Model):
    fit = inside(model.fit())
    plan = resolve("reb", reb_scale=True).plan(fit)
    (pool,) = plan.effects
    assert pool.mean() == pytest.approx(0.0, abs=1e-10)
    assert plan.errors.mean() == pytest.approx(0.0, abs=1e-10)
    assert np.var(pool) == pytest.approx((fit.sigma * fit.theta[0]) ** 2, rel=1e-9)


@given(model=models("intercepts"))
def test_case_every_draw_of_four_clusters(model: Model):
    """Multinomial: mean 1, variance 1 - 1/J, covariance -1/J."""
    data = model.frame[model.frame.g < "g04"]
    plan = resolve("case").plan(model.fit(data=data, formula="y ~ 1 + (1 | g)"))
    draws = np.array(list(product(range(4), repeat=4)))
    times = plan.apply(CaseDraws(draws)).multiplicity
    np.testing.assert_allclose(times.mean(axis=0), 1.0)
    np.testing.assert_allclose(np.cov(times.T, bias=True), np.eye(4) - 0.25, atol=1e-12)


@given(model=models("slopes"))
def test_control_a_percent_of_variance_is_seen(textbook: ModuleType, model: Model):
    fit = inside(model.fit())
    other = fit.at_theta(fit.theta * 1.005)
    found, expected = covariance_of(other, textbook), covariance_of(fit, textbook)
    assert not np.allclose(found, expected, **SAME)
