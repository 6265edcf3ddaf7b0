"""Deviance functions against dense algebra, also where theta and sigma are far from the optimum.

Both sides sum some hundred terms in double precision: 1e-11 relative.
"""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

Fitted = Callable[..., bm.LmerFit]
CLOSE = {"rtol": 1e-11}
MODELS = [
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", None),
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", "w"),
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)", None),
    ("sleepstudy", "Reaction ~ Days + offset(2 * Days) + (Days || Subject)", "w"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", "w"),
]


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula", "weights"), MODELS)
def test_against_dense_algebra(
    fitted: Fitted, textbook: ModuleType, data: str, formula: str, weights: str | None, reml: bool
):
    fit = fitted(data, formula, reml, weights)
    joint, profiled = bm.devfun_mer(fit), bm.devfun_mer2(fit)
    rng = np.random.default_rng(3)
    thetas = [fit.theta, np.zeros_like(fit.theta), *rng.normal(size=(2, fit.theta.size))]
    for theta in thetas:
        model = textbook.of_design(fit.design, theta, reml)
        np.testing.assert_allclose(profiled(theta), model.criterion, **CLOSE)
        for sigma in (fit.sigma, 0.3 * fit.sigma, 4 * fit.sigma):
            np.testing.assert_allclose(joint([*theta, sigma]), model.joint(sigma), **CLOSE)
            assert joint([*theta, sigma]) >= profiled(theta) - 1e-9
    wrong = textbook.of_design(fit.design, fit.theta * (1 + 1e-3), reml).joint(fit.sigma)
    assert not np.isclose(joint([*fit.theta, fit.sigma]), wrong, rtol=1e-12, atol=0), "control"


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
def test_at_the_estimates_both_are_the_criterion(fitted: Fitted, reml: bool):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)", reml)
    np.testing.assert_allclose(bm.devfun_mer2(fit)(fit.theta), fit.criterion, rtol=1e-14)
    np.testing.assert_allclose(
        bm.devfun_mer(fit)([*fit.theta, fit.sigma]), fit.criterion, rtol=1e-14
    )


def test_the_sign_of_theta_does_not_matter(fitted: Fitted):
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)")
    deviance = bm.devfun_mer2(fit)
    np.testing.assert_allclose(deviance([-0.4]), deviance([0.4]), rtol=1e-15)


def test_a_scalar_stands_for_one_theta(fitted: Fitted):
    deviance = bm.devfun_mer2(fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)"))
    assert deviance(0.4) == deviance([0.4])


def test_errors(fitted: Fitted):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)")
    joint, profiled = bm.devfun_mer(fit), bm.devfun_mer2(fit)
    for wrong in ([1.0, 2], [1.0, 2, 3, 4], [1.0, np.inf, 3]):
        with pytest.raises(ArgumentError, match=r"`theta` must hold (3|finite) numbers"):
            profiled(wrong)
    with pytest.raises(ArgumentError, match=r"`theta` must hold (3|finite) numbers"):
        joint([1.0, 2, 3])
    for sigma in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ArgumentError, match="sigma, the last element, must be positive"):
            joint([1.0, 0, 1, sigma])
