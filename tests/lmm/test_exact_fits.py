"""Responses that the effects explain exactly: the criterion has no minimum, and that is said.

Without residuals, the deviance n log(r2) falls without bound as Lambda grows. What a search stands
at when it gives up is a number of the machine, not of the data.
"""

import warnings

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ConvergenceWarning
from pybootmlm.lmm.refits.several_factors import refit_responses

SAID = "the random effects explain the response exactly, so the criterion falls without bound"


def penicillin():
    data = bm.load_dataset("Penicillin")
    plate, sample = data["plate"].cat.codes.to_numpy(), data["sample"].cat.codes.to_numpy()
    rng = np.random.default_rng(1)
    effects = 10 + rng.normal(size=24)[plate] + rng.normal(size=6)[sample]
    return data, effects, rng.normal(size=len(data))


def pastes():
    data = bm.load_dataset("Pastes")
    return data, data.groupby(["batch", "cask"], observed=True)["strength"].transform("mean")


CROSSED, NESTED = "y ~ 1 + (1 | plate) + (1 | sample)", "y ~ 1 + (1 | batch/cask)"


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("layout", ["one factor", "crossed", "nested"])
def test_a_fit_says_that_there_is_no_optimum(layout, reml):
    if layout == "nested":
        data, y = pastes()
        formula = NESTED
    else:
        data, y, _ = penicillin()
        formula = CROSSED
    if layout == "one factor":
        y, formula = data["plate"].cat.codes.to_numpy() ** 2.0, "y ~ 1 + (1 | plate)"
    with pytest.warns(ConvergenceWarning, match=SAID):
        bm.lmer(formula, data.assign(y=y), reml=reml)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("error", [1e-4, 1e-5])
def test_control_a_small_error_is_an_error(error, reml):
    """Its standard deviation comes out; the search may say that it stopped early."""
    data, effects, noise = penicillin()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = bm.lmer(CROSSED, data.assign(y=effects + error * noise), reml=reml)
    assert not any(SAID in str(warning.message) for warning in caught)
    # 144 rows less 29 free effects: the standard error of a standard deviation is 7 percent.
    assert fit.sigma / error == pytest.approx(noise.std(), rel=0.25)


@pytest.mark.parametrize("reml", [True, False])
def test_a_replicate_without_an_optimum_is_a_row_of_nan_with_its_reason(reml):
    """Exactly explained, ordinary, constant: as with one factor, each apart from the others."""
    data, effects, noise = penicillin()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = bm.lmer(CROSSED, data.assign(y=effects + noise), reml=reml)
    model = fit.model.relative_to(fit.beta)
    fixed = fit.design.X @ fit.beta
    responses = np.column_stack([effects, effects + noise, np.full(len(data), fixed[0])])
    y = (responses - fixed[:, None]) / model.coordinates.scale
    refits = refit_responses(model, y, reml, fit.theta, lambda _b, _solution: fit)
    assert np.isnan(refits.sigma).tolist() == [True, False, True]
    assert np.isnan(refits.theta).all(axis=1).tolist() == [True, False, True]
    assert np.isnan(refits.beta).all(axis=1).tolist() == [True, False, True]
    assert refits.converged.tolist() == [False, True, False]
    reason = (
        "the fixed and random effects explain this data set exactly, so the criterion falls "
        "without bound: there is no optimum"
    )
    assert [refits.problem_of(b) for b in range(3)] == [reason, None, reason]
    # The second is the fit's own response: its optimum is the fit's.
    assert refits.theta[1] == pytest.approx(fit.theta, rel=1e-6)
    assert refits.sigma[1] == pytest.approx(fit.sigma, rel=1e-8)
