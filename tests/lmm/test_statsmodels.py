"""statsmodels' MixedLM as an independent witness: the same criterion at the same optimum.

Its objective is the log-likelihood, or the restricted one, of the same model, with the same
constants: -(df/2) log(2 pi) and, for REML, -(1/2) log|X'V^-1X|; both are worked out below from
its own `loglike` at known parameters. It stops at a gradient of about 1e-5 at the best, so its
optimum may only be worse: its log-likelihood lies between ours - 1e-4 and ours + 1e-8.
"""

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm

mixed_lm: Any = pytest.importorskip("statsmodels.regression.mixed_linear_model")

Fitted = Callable[..., bm.LmerFit]
MODELS = [
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", "Batch"),
    ("sleepstudy", "Reaction ~ Days + (1 | Subject)", "Subject"),
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)", "Subject"),
    ("Orthodont", "distance ~ age * Sex + (1 | Subject)", "Subject"),
    ("hsb", "mathach ~ meanses + ses + (ses | id)", "id"),
]


def witness(fit: bm.LmerFit) -> Any:
    """The same model for statsmodels, from our matrices."""
    return mixed_lm.MixedLM(
        fit.design.y,
        fit.design.X,
        groups=fit.design.factors[0].codes,
        exog_re=fit.design.terms[0].Z,
    )


def log_likelihood(model: Any, fit: bm.LmerFit) -> float:
    """statsmodels' log-likelihood at our estimates."""
    params = mixed_lm.MixedLMParams.from_components(
        fe_params=fit.beta, cov_re=fit.varcorr.terms[0].cov / fit.sigma**2
    )
    model.reml, model.cov_pen, model.fe_pen = fit.reml, None, None
    return float(model.loglike(params, profile_fe=False))


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula", "group"), MODELS)
def test_same_criterion_at_the_same_parameters(
    fitted: Fitted, data: str, formula: str, group: str, reml: bool
):
    """At our optimum, and at a theta away from it with its own beta and sigma."""
    fit = fitted(data, formula, reml)
    for there in (fit, fit.at_theta(1.3 * fit.theta)):
        model = witness(there)
        # Two programs, some thousand terms: 1e-9 of a log-likelihood of 1e3 to 1e5.
        np.testing.assert_allclose(log_likelihood(model, there), there.loglik, rtol=1e-9)
    model = witness(fit)
    assert log_likelihood(model, fit.at_theta(1.3 * fit.theta)) < fit.loglik - 1e-3, "control"


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula", "group"), MODELS[:4])
def test_same_optimum(fitted: Fitted, data: str, formula: str, group: str, reml: bool):
    fit = fitted(data, formula, reml)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own convergence
        found = witness(fit).fit(reml=reml, method=["bfgs", "lbfgs"], gtol=1e-8)
    assert -1e-4 < found.llf - fit.loglik < 1e-8 * abs(fit.loglik)
    # 1e-4 of a log-likelihood leaves about 1 percent of a standard error.
    np.testing.assert_allclose(found.fe_params, fit.beta, rtol=1e-3)
    np.testing.assert_allclose(np.sqrt(found.scale), fit.sigma, rtol=1e-3)
    q = len(fit.design.terms[0].names)
    np.testing.assert_allclose(
        np.asarray(found.cov_re).reshape(q, q), fit.varcorr.terms[0].cov, rtol=2e-2, atol=0.5
    )
    np.testing.assert_allclose(found.bse_fe, fit.std_errors, rtol=1e-2)


def test_constants_worked_out_by_hand(textbook: ModuleType):
    """statsmodels' two log-likelihoods of a small model, from dense algebra alone."""
    y, X, Z, codes = textbook.random_rows(5, (3, 4, 2, 5), 2, 2)
    frame = pd.DataFrame({"y": y, "x": X[:, 1], "z": Z[:, 1], "g": codes.astype(str)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its optimum is singular; another theta is meant
        fit = bm.lmer("y ~ x + (z | g)", frame).at_theta([0.7, 0.2, 0.5])
        ml = fit.refit_ml().at_theta(fit.theta)
    for reml in (True, False):
        model = textbook.of_design(fit.design, fit.theta, reml)
        by_hand = -(np.linalg.slogdet(model.V)[1] + model.df * np.log(2 * np.pi)) / 2
        by_hand -= model.df * np.log(model.sigma**2) / 2 + model.df / 2
        if reml:
            by_hand += np.linalg.slogdet(model.H)[1] / 2
        there = fit if reml else ml
        np.testing.assert_allclose(there.loglik, by_hand, rtol=1e-12)
        np.testing.assert_allclose(log_likelihood(witness(there), there), by_hand, rtol=1e-10)
