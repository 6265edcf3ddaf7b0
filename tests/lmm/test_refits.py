"""Refits in batches, and the view of one that a statistic gets, against single fits.

Two searches of one criterion from different starts meet within the optimiser's tolerance: theta
to 1e-6, the criterion to 1e-9.
"""

import contextlib
import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import SingularFitWarning
from pybootmlm.inference.influence import deletions
from pybootmlm.lmm.fit import LmerFit, evaluate_at
from pybootmlm.lmm.refits.one_factor import Refits, refit_moments
from pybootmlm.lmm.refits.refit import Refit
from pybootmlm.lmm.solution import Solution

Fitted = Callable[..., bm.LmerFit]
SLEEP = ("sleepstudy", "Reaction ~ Days + (Days | Subject)")
DYESTUFF = ("Dyestuff", "Yield ~ 1 + (1 | Batch)")
ORTHODONT = ("Orthodont", "distance ~ age + (age | Subject)")


@pytest.fixture(scope="module")
def without(fitted: Fitted) -> list[Refit]:
    """Sleepstudy without each subject in turn."""
    return [Refit(refits, b) for refits in deletions(fitted(*SLEEP)) for b in range(len(refits))]


def refit_many(fit: LmerFit, ys: np.ndarray) -> tuple[Refits, list[tuple[int, ...]]]:
    """The fit's model refitted to columns of `ys` in one batch; and which were made whole."""
    model = fit.model
    standard = np.column_stack([model.coordinates.residual(y, np.zeros_like(y)) for y in ys.T])
    asked: list[tuple[int, ...]] = []

    def materialise(b: int, solution: Solution) -> LmerFit:
        asked.append((b,))
        return evaluate_at(model.with_response(ys[:, b]), solution.theta, fit.reml)

    moments = model.problem.rows.moments(standard)  # type: ignore[attr-defined]
    log_weights = np.full(ys.shape[1], model.coordinates.log_weights)
    found = refit_moments(model, moments, fit.reml, fit.theta, log_weights, materialise)
    return found, asked


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula"), [SLEEP, DYESTUFF, ORTHODONT])
def test_a_batch_of_responses_against_single_refits(
    fitted: Fitted, data: str, formula: str, reml: bool
):
    """Parametric replicates; some of Dyestuff's and Orthodont's are singular."""
    fit = fitted(data, formula, reml)
    rng = np.random.default_rng(5)
    Z, Lambda = fit.getME("Z"), fit.getME("Lambda")
    fixed = fit.design.X @ fit.beta
    noise = rng.normal(size=(fit.nobs, 40))
    effects = Z @ (Lambda @ rng.normal(size=(fit.b.size, 40)))
    ys = fixed[:, None] + fit.sigma * (effects + noise)
    found, _ = refit_many(fit, ys)
    assert found.converged.all()
    singular = 0
    for b in range(40):
        one = fit.refit(ys[:, b])
        view = Refit(found, b)
        # beta of the residual of y about X beta: put back what `residual` took away.
        taken = (
            np.linalg.lstsq(fit.design.X, ys[:, b], rcond=None)[0] - fit.model.coordinates.beta_ols
        )
        assert abs(view.criterion - one.criterion) < 1e-9 * abs(one.criterion)
        V_one, V_view = one.varcorr.terms[0].cov, view.varcorr.terms[0].cov
        # At singular optima the criterion is flatter: compare variances on sigma^2's scale.
        np.testing.assert_allclose(
            V_view / one.sigma**2, V_one / one.sigma**2, rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(view.beta + taken, one.beta, rtol=1e-5)
        np.testing.assert_allclose(view.sigma, one.sigma, rtol=1e-6)
        assert view.is_singular() == one.is_singular()
        singular += one.is_singular()
    if data != "sleepstudy":
        assert singular > 0, "else the boundary was not tried"


def test_estimates_do_not_make_the_whole_fit(fitted: Fitted):
    fit = fitted(*SLEEP)
    ys = fit.design.y[:, None] + np.arange(3.0)
    found, asked = refit_many(fit, ys)
    view = Refit(found, 1)
    for name in ("theta", "beta", "fixef", "sigma", "vcov", "varcorr", "aic", "criterion", "nobs"):
        getattr(view, name)
    view.is_singular()
    assert asked == []
    view.fitted, view.b, view.fitted  # noqa: B018 (reading is what is tested)
    assert asked == [(1,)], "made once, when rows are first asked for"


def test_row_quantities_of_a_deletion(fitted: Fitted, without: list[Refit]):
    fit, frame = fitted(*SLEEP), bm.load_dataset("sleepstudy")
    levels = list(fit.design.factors[0].levels)
    for j in (0, 7, 17):
        part = frame[frame["Subject"].astype(str) != levels[j]]
        one, view = bm.lmer(SLEEP[1], part), without[j]
        pd.testing.assert_series_equal(view.fitted, one.fitted, rtol=1e-6)
        pd.testing.assert_series_equal(view.resid, one.resid, rtol=1e-4, atol=1e-3)
        pd.testing.assert_series_equal(view.hatvalues, one.hatvalues, rtol=1e-5)
        pd.testing.assert_frame_equal(
            view.ranef()["Subject"], one.ranef()["Subject"], rtol=1e-4, atol=1e-3
        )
        assert view.fitted.index.equals(part.index)
        assert view.nobs == 170
        assert view.ngrps.to_dict() == {"Subject": 17}
        assert levels[j] not in view.ranef()["Subject"].index
        assert view.formula == one.formula
        assert view.getME("q") == 34
        np.testing.assert_allclose(view.mu, one.mu, rtol=1e-6)
        assert not np.allclose(view.mu, fit.mu[:170], rtol=1e-6), "control: not the whole fit's"


def test_a_view_answers_as_a_fit_does(without: list[Refit]):
    """Every public attribute of a fit, except how it was optimised."""
    for name in dir(LmerFit):
        if not name.startswith("_"):
            assert hasattr(without[0], name), name


def test_unknown_attributes(without: list[Refit]):
    view = without[0]
    with pytest.raises(AttributeError, match="a refit has no attribute 'fixed_effects'"):
        view.fixed_effects  # noqa: B018
    for name in ("nothing", "_private", "__array__", "__len__", "_repr_svg_"):
        assert not hasattr(view, name)


def test_a_half_made_view_does_not_recurse():
    """Copying and unpickling ask for attributes before any is set."""
    empty: Any = object.__new__(Refit)
    for name in ("refits", "theta", "solution", "labels", "fitted", "_whole", "criterion"):
        with pytest.raises(AttributeError):
            getattr(empty, name)


def test_copies(without: list[Refit]):
    view = without[3]
    for twin in (copy.copy(view), copy.deepcopy(view)):
        np.testing.assert_array_equal(twin.theta, view.theta)
        np.testing.assert_array_equal(twin.mu, view.mu)
    # A refusal is fine (the batch holds a function), an endless recursion is not.
    with contextlib.suppress(pickle.PicklingError, AttributeError, TypeError):
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(view)).theta, view.theta)


def test_what_a_statistic_reads_it_cannot_change(without: list[Refit]):
    for name in ("theta", "beta", "mu", "b"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(without[0], name)[0] = 0.0


def test_a_data_set_without_an_optimum_spoils_only_itself(fitted: Fitted):
    """One treated cluster: without it X loses rank; the others are refitted as ever."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"g": np.repeat(list("ABCDEF"), 6)})
    frame["treated"] = (frame["g"] == "C").astype(float)
    frame["y"] = rng.normal(size=36) + np.repeat(rng.normal(size=6) * 3, 6)
    fit = bm.lmer("y ~ treated + (1 | g)", frame)
    (refits,) = deletions(fit)
    problems = [refits.problem_of(b) for b in range(6)]
    assert problems[2] == "the fixed effects of this data set are not identifiable"
    assert [b for b in range(6) if problems[b] is None] == [0, 1, 3, 4, 5]
    assert np.isnan(refits.theta[2]).all()
    assert np.isnan(refits.beta[2]).all()
    assert not refits.converged[2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        one = bm.lmer("y ~ treated + (1 | g)", frame[frame["g"] != "D"])
    np.testing.assert_allclose(refits.theta[3], one.theta, rtol=1e-6)
    np.testing.assert_allclose(refits.beta[3], one.beta, rtol=1e-6)
