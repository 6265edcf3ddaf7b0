"""Asymptotic covariances against numerical Hessians of the deviance in the parameters themselves.

The numerical Hessian is made of fourth-order differences of `devfun_mer`, which other tests hold
to dense algebra. Its rounding, 1e-16 * 2000 / (2e-3)^2, is 5e-8 of a Hessian of order 1 in
relative coordinates, its truncation 1e-10 times the sixth derivative; the bound is 1e-5.
"""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ModelError

Array = np.ndarray
Fitted = Callable[..., bm.LmerFit]
CLOSE = 1e-5

MODELS = {
    "one effect": ("Dyestuff", "Yield ~ 1 + (1 | Batch)", None),
    "one effect, weighted": ("Dyestuff", "Yield ~ 1 + (1 | Batch)", "w"),
    "two effects": ("sleepstudy", "Reaction ~ Days + (Days | Subject)", None),
    "two effects, weighted": ("sleepstudy", "Reaction ~ Days + (Days | Subject)", "w"),
    "uncorrelated": ("sleepstudy", "Reaction ~ Days + (Days || Subject)", None),
    "crossed": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", None),
    "nested": ("Pastes", "strength ~ 1 + (1 | batch / cask)", None),
    "hsb": ("hsb", "mathach ~ meanses + ses + (ses | id)", None),
}


@pytest.fixture(scope="module")
def three_effects(textbook: ModuleType) -> dict[bool, bm.LmerFit]:
    """Three correlated random effects and an optimum inside."""
    y, X, Z, codes = textbook.random_rows(21, (8,) * 40, 3, 2)
    frame = pd.DataFrame({"y": y, "x": X[:, 1], "z1": Z[:, 1], "z2": Z[:, 2]})
    frame["g"] = codes.astype(str)
    return {r: bm.lmer("y ~ x + (z1 + z2 | g)", frame, reml=r) for r in (True, False)}


@pytest.fixture(params=[*MODELS, "three effects"])
def pair(
    request: pytest.FixtureRequest, fitted: Fitted, three_effects: dict[bool, bm.LmerFit]
) -> dict[bool, bm.LmerFit]:
    if request.param == "three effects":
        return three_effects
    data, formula, weights = MODELS[request.param]
    return {r: fitted(data, formula, r, weights) for r in (True, False)}


def to_theta(fit: bm.LmerFit, components: Array, sd_cor: bool) -> Array:
    """(theta, sigma) from components in the order of theta, sigma or sigma^2 last."""
    sigma = components[-1] if sd_cor else np.sqrt(components[-1])
    theta, at = [], 0
    for term in fit.design.terms:
        q = len(term.names)
        places = [(r, c) for c in range(q) for r in range(c, q)]
        values = dict(zip(places, components[at : at + len(places)], strict=True))
        at += len(places)
        cov = np.empty((q, q))
        for (r, c), value in values.items():
            if sd_cor:
                value = values[r, r] * values[c, c] * (1 if r == c else value)
            cov[r, c] = cov[c, r] = value
        L = np.linalg.cholesky(cov) / sigma
        theta += [L[place] for place in places]
    return np.array([*theta, sigma])


def components_of(fit: bm.LmerFit, sd_cor: bool) -> Array:
    frame = fit.varcorr.to_frame(order="lower.tri")
    return frame["sdcor" if sd_cor else "vcov"].to_numpy()


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize("sd_cor", [True, False], ids=["sd and cor", "var and cov"])
def test_vcov_vc_against_the_numerical_hessian(
    pair: dict[bool, bm.LmerFit], textbook: ModuleType, sd_cor: bool, reml: bool
):
    fit = pair[reml]
    deviance = bm.devfun_mer(fit)
    at = components_of(fit, sd_cor)
    # In units of the components themselves, so that all steps have one relative size.
    hessian = textbook.central_hessian(
        lambda x: deviance(to_theta(fit, at * (1 + x), sd_cor)), np.zeros(at.size)
    )
    numerical = 2 * np.linalg.inv(hessian) * np.outer(at, at)
    exact = bm.vcov_vc(fit, sd_cor=sd_cor, names=False)
    size = np.sqrt(np.diag(numerical))
    scale = np.outer(size, size)
    np.testing.assert_allclose(exact / scale, numerical / scale, rtol=0, atol=CLOSE)
    np.testing.assert_array_equal(exact, exact.T)
    other = bm.vcov_vc(fit, sd_cor=not sd_cor, names=False)
    assert not np.allclose(other / scale, numerical / scale, rtol=0, atol=CLOSE), "control: scales"
    wrong = exact * (1 + 1e-4)
    assert not np.allclose(wrong / scale, numerical / scale, rtol=0, atol=CLOSE), "control"


@pytest.mark.parametrize("sd_cor", [True, False])
def test_vcov_vc_away_from_the_optimum(fitted: Fitted, textbook: ModuleType, sd_cor: bool):
    """Where the gradient does not vanish, the second derivatives of the map enter too."""
    whole = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)", False)
    fit = whole.at_theta(whole.theta * [0.9, 1.5, 1.1])
    at, deviance = components_of(fit, sd_cor), bm.devfun_mer(fit)
    hessian = textbook.central_hessian(
        lambda x: deviance(to_theta(fit, at * (1 + x), sd_cor)), np.zeros(at.size)
    )
    numerical = 2 * np.linalg.inv(hessian) * np.outer(at, at)
    size = np.sqrt(np.abs(np.diag(numerical)))
    exact = bm.vcov_vc(fit, sd_cor=sd_cor, names=False)
    scale = np.outer(size, size)
    np.testing.assert_allclose(exact / scale, numerical / scale, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
def test_vcov_theta_against_differences(
    pair: dict[bool, bm.LmerFit], textbook: ModuleType, reml: bool
):
    fit = pair[reml]
    hessian = textbook.central_hessian(bm.devfun_mer2(fit), fit.theta)
    numerical = 2 * np.linalg.inv(hessian)
    exact = bm.vcov_theta(fit)
    size = np.sqrt(np.diag(numerical))
    scale = np.outer(size, size)
    np.testing.assert_allclose(exact / scale, numerical / scale, rtol=0, atol=CLOSE)
    wrong = exact * (1 + 1e-4)
    assert not np.allclose(wrong / scale, numerical / scale, rtol=0, atol=CLOSE), "control"


def test_one_variance_in_closed_form(fitted: Fitted):
    """Balanced one-way ML: Fisher information of (var, sigma^2) at the estimates, by hand.

    For a balanced design the observed information at the ML estimates equals the expected
    one (Searle, Casella and McCulloch 1992, section 4.7b).
    """
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)", False)
    a, m = 6, 5
    s2, v = fit.sigma**2, fit.varcorr.terms[0].cov[0, 0]
    lam = s2 + m * v
    information = 0.5 * np.array(
        [[a * m**2 / lam**2, a * m / lam**2], [a * m / lam**2, a / lam**2 + a * (m - 1) / s2**2]]
    )
    found = bm.vcov_vc(fit, sd_cor=False, names=False)
    np.testing.assert_allclose(found, np.linalg.inv(information), rtol=1e-6)


def test_names(fitted: Fitted):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)")
    found = bm.vcov_vc(fit)
    names = [
        "sd_(Intercept)|Subject",
        "cor_Days.(Intercept)|Subject",
        "sd_Days|Subject",
        "sigma",
    ]
    assert found.index.tolist() == found.columns.tolist() == names
    assert bm.vcov_vc(fit, sd_cor=False).columns.tolist() == [
        "var_(Intercept)|Subject",
        "cov_Days.(Intercept)|Subject",
        "var_Days|Subject",
        "sigma2",
    ]
    bare = bm.vcov_vc(fit, names=False)
    assert isinstance(bare, np.ndarray)
    np.testing.assert_array_equal(bare, found.to_numpy())
    split = bm.vcov_vc(fitted("sleepstudy", "Reaction ~ Days + (Days || Subject)"))
    assert split.columns.tolist() == ["sd_(Intercept)|Subject", "sd_Days|Subject.1", "sigma"]


def test_a_singular_fit_has_no_covariance_of_components(fitted: Fitted):
    fit = fitted("Dyestuff2", "Yield ~ 1 + (1 | Batch)")
    with pytest.raises(
        ModelError, match=r"The fit is singular .* Use a bootstrap, or `vcov_theta`"
    ):
        bm.vcov_vc(fit)
    assert np.isfinite(bm.vcov_theta(fit)).all(), "theta itself is inside its own line"
