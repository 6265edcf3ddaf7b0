"""Criterion, derivatives and round trips of theta on models made at random; and recovery.

The dense textbook model and ours differ by rounding times the condition of V, below 1e4: 1e-9.
Differences of fourth order are good to 1e-8 of the gradient, and to 1e-5 of the Hessian.
"""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import Model, make, models, thetas

SEEDS = st.integers(0, 10**6)


@given(model=models(), seed=SEEDS)
def test_criterion_and_effects_are_the_textbook_s(textbook: ModuleType, model: Model, seed: int):
    fit = model.fit()
    theta = thetas(model, fit, seed)
    dense, at = textbook.of_design(fit.design, theta, fit.reml), fit.at_theta(theta)
    assert at.criterion == pytest.approx(dense.criterion, rel=1e-9)
    np.testing.assert_allclose(at.beta, dense.beta, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(at.b, dense.b, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(at.vcov, dense.vcov, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(at.hat, dense.hat_diagonal, rtol=1e-8, atol=1e-10)


@given(model=models(), seed=SEEDS)
def test_derivatives_are_those_of_the_textbook_s_criterion(
    textbook: ModuleType, model: Model, seed: int
):
    fit = model.fit()
    theta = thetas(model, fit, seed)

    def dense(point: np.ndarray) -> float:
        return float(textbook.of_design(fit.design, point, fit.reml).criterion)

    problem = fit.model.problem
    gradient = problem.evaluate(theta[None], fit.reml, 1).gradient
    expected = textbook.central_gradient(dense, theta)
    size = 1 + np.abs(expected).max()
    np.testing.assert_allclose(gradient[0], expected, rtol=0, atol=1e-8 * size)
    hessian = textbook.central_hessian(dense, theta)
    found = problem.hessian(theta, fit.reml)
    np.testing.assert_allclose(found, hessian, rtol=0, atol=1e-5 * (1 + np.abs(hessian).max()))
    # Control: a tenth of a thousandth would be seen.
    assert not np.allclose(gradient[0] + 1e-4 * size, expected, rtol=0, atol=1e-8 * size)


@given(model=models(), seed=SEEDS)
def test_theta_survives_every_round_trip(model: Model, seed: int):
    fit = model.fit()
    theta = thetas(model, fit, seed)
    at = fit.at_theta(theta)
    np.testing.assert_array_equal(at.theta, theta)
    matrices = fit.labels.covariance.term_matrices(theta)
    back = []
    for term, L in zip(at.varcorr.terms, matrices, strict=True):
        np.testing.assert_allclose(term.cov, at.sigma**2 * L @ L.T, rtol=1e-12)
        root = np.linalg.cholesky(np.asarray(term.cov) / at.sigma**2)
        back += [root[r, c] for c in range(len(L)) for r in range(c, len(L))]
    np.testing.assert_allclose(back, theta, rtol=1e-9, atol=1e-12)
    # Signs of columns of Lambda are not part of the model.
    negative, k = theta.copy(), len(matrices[0])
    negative[:k] = -negative[:k]
    assert fit.at_theta(negative).criterion == pytest.approx(at.criterion, rel=1e-12)
    assert fit.at_theta(fit.theta).criterion == pytest.approx(fit.criterion, rel=1e-12)


@given(model=models())
def test_no_variance_at_all_is_least_squares(textbook: ModuleType, model: Model):
    at = model.fit()
    at = at.at_theta(np.zeros_like(at.theta))
    dense = textbook.of_design(at.design, at.theta, at.reml)
    np.testing.assert_allclose(at.hat, dense.hat_diagonal, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(at.beta, dense.beta, rtol=1e-9, atol=1e-9)


@given(seed=SEEDS, layout=st.sampled_from(["intercepts", "slopes"]))
def test_what_was_simulated_is_recovered(seed: int, layout: str):
    """The criterion at the truth is above the minimum by a chi-squared variable of few degrees."""
    fit = make(seed, layout, 60, reml=False, weights=False).fit()
    y = fit.simulate(1, rng=seed % 1000).to_numpy().ravel()
    again = fit.refit(y)
    excess = again.at_theta(fit.theta).criterion - again.criterion
    # One in a million for a chi-squared variable of four degrees; sigma and beta are profiled.
    assert -1e-9 < excess < 33
    errors = (again.beta - fit.beta) / np.sqrt(np.diag(again.vcov))
    assert np.abs(errors).max() < 6
    assert again.sigma == pytest.approx(fit.sigma, rel=0.35)


def test_control_another_truth_is_not_recovered():
    fit = make(1, "intercepts", 60, reml=False, weights=False).fit()
    y = fit.simulate(1, rng=1).to_numpy().ravel()
    again = fit.refit(y)
    assert again.at_theta(fit.theta * 3 + 1).criterion - again.criterion > 33
