"""Refits of models with several factors: together, one by one, and as fits of their own.

All stop at a Newton decrement below 1e-7, so criteria agree to rounding: 1e-8 of some hundreds.
Theta agrees to 1e-5, except where a variance is zero and the criterion flat to the fourth order.
"""

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.lmm.refits import several_factors as several_refits
from pybootmlm.lmm.refits.one_factor import Refits
from pybootmlm.lmm.refits.several_factors import refit_responses, warm
from pybootmlm.lmm.several_factors import problem as several_factors

MODELS = {
    "crossed": ("diameter ~ 1 + (1 | plate) + (1 | sample)", "Penicillin"),
    "nested": ("strength ~ 1 + (1 | batch / cask)", "Pastes"),
    "slopes": ("angle ~ temp + recipe + (temp | replicate) + (1 | recipe:replicate)", "cake"),
}


@pytest.fixture(params=list(MODELS))
def fit(request: pytest.FixtureRequest) -> bm.LmerFit:
    formula, data = MODELS[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        return bm.lmer(formula, bm.load_dataset(data))


@pytest.fixture
def responses(fit: bm.LmerFit) -> np.ndarray:
    """Of the data (n, 4)."""
    return fit.simulate(4, rng=3).to_numpy()


def refits(fit: bm.LmerFit, responses: np.ndarray, known: bool = True) -> Refits:
    model = fit.model.relative_to(fit.beta)
    if known:
        model = warm(model, fit.reml, fit.theta)
    y = (responses - (fit.design.X @ fit.beta)[:, None]) / model.coordinates.scale
    return refit_responses(model, y, fit.reml, fit.theta, lambda _b, _solution: fit)


def test_one_by_one_and_together_are_fits(
    fit: bm.LmerFit, responses: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    together = refits(fit, responses)
    monkeypatch.setattr(several_factors, "EXACT_UP_TO", 0)
    single = refits(fit, responses)
    assert together.converged.all()
    assert single.converged.all()
    monkeypatch.setattr("warnings.warn", lambda *_, **__: None)
    for b, y in enumerate(responses.T):
        own = fit.refit(y)
        for found in (together, single):
            solution = found.solution(b)
            assert solution.minus_two_loglik(fit.reml) == pytest.approx(own.criterion, abs=1e-8)
            np.testing.assert_allclose(found.theta[b], own.theta, rtol=1e-5, atol=2e-4)
            np.testing.assert_allclose(found.beta[b], own.beta, rtol=1e-5, atol=1e-5)
            assert found.sigma[b] == pytest.approx(own.sigma, rel=1e-5)
    # The responses differ, and so do their fits.
    assert np.ptp(together.sigma) > 1e-3


def test_what_replicates_share_is_computed_once(
    fit: bm.LmerFit, responses: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    """As many eliminations as evaluations without it; with it, one for all first evaluations."""
    monkeypatch.setattr(several_factors, "EXACT_UP_TO", 0)
    done: list[int] = []
    elimination, evaluate = several_factors.elimination, several_factors.Elimination.evaluate

    def counted(*arguments):
        done[0] += 1
        return elimination(*arguments)

    def evaluated(*arguments):
        done[1] += 1
        return evaluate(*arguments)

    monkeypatch.setattr(several_factors, "elimination", counted)
    monkeypatch.setattr(several_factors.Elimination, "evaluate", evaluated)
    found = []
    for known in (True, False):
        done[:] = [0, 0]
        found.append(refits(fit, responses, known))
        eliminations, evaluations = done
        assert eliminations == (evaluations - len(responses.T) + 1 if known else evaluations)
    np.testing.assert_allclose(found[0].theta, found[1].theta, rtol=1e-6, atol=1e-6)


def test_a_tolerance_saves_evaluations(
    fit: bm.LmerFit, responses: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(several_factors, "EXACT_UP_TO", 0)
    evaluations = []
    find = several_refits.find_optimum

    def counted(*arguments):
        found = find(*arguments)
        evaluations[-1] += found.evaluations
        return found

    monkeypatch.setattr(several_refits, "find_optimum", counted)
    model = fit.model.relative_to(fit.beta)
    y = (responses - (fit.design.X @ fit.beta)[:, None]) / model.coordinates.scale
    for tolerance in (1e-7, 1e-3):
        evaluations.append(0)
        options = bm.NewtonOptions(tolerance=tolerance)
        refit_responses(model, y, fit.reml, fit.theta, lambda _b, _solution: fit, options)
    assert evaluations[1] < evaluations[0]
