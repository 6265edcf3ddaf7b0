"""The delta method against exact derivatives, closed forms, its bootstrap; bad input."""

from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError, StatisticError

SLEEP = "Reaction ~ Days + (Days | Subject)"


def sleep(reml: bool = True) -> bm.LmerFit:
    return bm.lmer(SLEEP, bm.load_dataset("sleepstudy"), reml=reml)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(("name", "sd_cor"), [("var_corr_sd", True), ("var_corr_var", False)])
def test_variance_components_have_the_covariance_of_the_exact_chain_rule(
    reml: bool, name: str, sd_cor: bool
):
    fit = sleep(reml)
    exact = bm.vcov_vc(fit, sd_cor=sd_cor)
    found = bm.delta_method(fit, name).vcov
    size = np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    # Fourth-order differences of smooth functions, in steps of a hundredth of a standard error.
    assert np.abs((found - exact) / size).to_numpy().max() < 1e-6


def test_fixed_effects_have_their_own_covariance():
    fit = sleep()
    np.testing.assert_allclose(bm.delta_method(fit, "fixef").vcov, fit.vcov, rtol=1e-8)


def test_the_intraclass_correlation_has_its_closed_form():
    """d icc / d theta = 2 theta / (1 + theta^2)^2, and Var(theta) from (theta, sigma)."""
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    theta = fit.theta[0]
    slope = 2 * theta / (1 + theta**2) ** 2
    error = slope * np.sqrt(bm.vcov_theta(fit)[0, 0])
    found = bm.delta_method(fit, "icc").frame
    # With sigma profiled out or not, theta has the same variance.
    np.testing.assert_allclose(found["Std. Error"], error, rtol=1e-6)


def test_where_there_are_many_clusters_the_bootstrap_agrees():
    data = bm.load_dataset("pop_syn")
    fit = bm.lmer("popular ~ sex + texp + (1 | school)", data)
    delta = bm.delta_method(fit, "var_corr_sd").frame["Std. Error"]
    boot = bm.bootstrap_mer(fit, "var_corr_sd", nsim=200, rng=1).std_error
    # The standard deviation of 200 values is known to 1/sqrt(400) = 5 percent: three of these.
    np.testing.assert_allclose(delta, boot, rtol=0.16)


def test_intervals_are_normal():
    frame = bm.delta_method(sleep(), "r2", level=0.9).frame
    width = (frame["upper"] - frame["lower"]) / frame["Std. Error"]
    np.testing.assert_allclose(width, 2 * 1.6448536269514722, rtol=1e-10)


def test_what_it_cannot_do_is_said():
    fit = sleep()
    with pytest.warns(bm.exceptions.SingularFitWarning):
        singular = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff2"))
    calls: list[tuple[Any, str, type[Exception]]] = [
        (lambda: bm.delta_method(singular, "icc"), "singular", ModelError),
        (lambda: bm.delta_method(fit, "ics"), "`statistic`", ArgumentError),
        (lambda: bm.delta_method(fit, 3), "`statistic`", ArgumentError),
        (lambda: bm.delta_method(fit, lambda m: str(m.sigma) + "a"), "`statistic`", StatisticError),
        (lambda: bm.delta_method(fit, lambda m: m.fitted.mean()), "fitted", StatisticError),
        (lambda: bm.delta_method(fit, "r2", level=95), "`level`", ArgumentError),
        (lambda: bm.delta_method(None, "r2"), "`fit`", ArgumentError),
    ]
    for call, named, kind in calls:
        with pytest.raises(kind, match=named):
            call()
