"""Likelihood-ratio tests by simulation against theory, and bad input."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import betainc

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError, PybootmlmError
from pybootmlm.hypothesis.exact_null import NullDistribution

DYE = "Yield ~ 1 + (1 | Batch)"


def dye(reml: bool = True) -> bm.LmerFit:
    return bm.lmer(DYE, bm.load_dataset("Dyestuff"), reml=reml)


def test_the_mass_at_zero_is_that_of_a_balanced_one_way_design():
    """The ratio is zero where the mean square between is below that within: F(5, 24) < 1."""
    found = bm.exact_rlrt(dye(), nsim=20_000, rng=1)
    # P(F(5, 24) < 1), from the incomplete beta function.
    expected = betainc(2.5, 12.0, 5 / 29)
    # Four standard errors of a share of 20,000.
    error = 4 * math.sqrt(expected * (1 - expected) / 20_000)
    assert abs(np.mean(found.sample == 0) - expected) < error
    # Control: half, the limit for many clusters, is far away.
    assert abs(np.mean(found.sample == 0) - 0.5) > error


def test_many_clusters_come_near_the_mixture_of_chi_squares():
    """With many clusters the ratio is half zero, half chi-square of 1 (Self and Liang 1987)."""
    mu = np.ones(400)
    null = NullDistribution(mu, mu, 4000, 1, 0, True)
    sample = null.sample(4000, 1)
    # P(chi-square of 1 > 2.7055) = 0.1, halved; four standard errors and the limit's own distance.
    assert abs(np.mean(sample > 2.7055) - 0.05) < 0.02
    assert abs(np.mean(sample == 0) - 0.5) < 0.05


def test_the_bootstrap_of_the_null_is_the_exact_null():
    """Simulated under no variance, refitted: the shares above the quartiles are those simulated."""
    data = bm.load_dataset("Dyestuff")
    rng = np.random.default_rng(5)
    fit = dye()
    ratios = []
    for _ in range(300):
        data["Yield"] = rng.normal(size=len(data))
        again = fit.refit(data["Yield"].to_numpy())
        ratios.append(max(0.0, again.at_theta([0.0]).reml_criterion - again.reml_criterion))
    sample = bm.exact_rlrt(fit, nsim=20_000, rng=2).sample
    for share in (0.7, 0.8, 0.9):
        # Four standard errors of a share of 300.
        error = 4 * math.sqrt(share * (1 - share) / 300)
        assert abs(np.mean(np.array(ratios) <= np.quantile(sample, share)) - share) < error


def test_a_ratio_of_zero_is_not_simulated():
    with pytest.warns(bm.exceptions.SingularFitWarning):
        fit = bm.lmer(DYE, bm.load_dataset("Dyestuff2"))
    found = bm.exact_rlrt(fit)
    assert (found.statistic, found.p_value, len(found.sample)) == (0.0, 1.0, 0)


def test_weights_belong_to_the_null_distribution():
    data = bm.load_dataset("Dyestuff")
    data["w"] = np.where(data["Batch"].isin(["A", "B"]), 50.0, 1.0)
    one = bm.exact_rlrt(bm.lmer(DYE, data), nsim=500, rng=1).sample
    two = bm.exact_rlrt(bm.lmer(DYE, data, weights="w"), nsim=500, rng=1).sample
    assert not np.allclose(one, two)


def test_p_values_of_the_bootstrap_are_what_they_say():
    data = bm.load_dataset("Dyestuff")
    data["x"] = np.arange(len(data)) % 5
    larger = bm.lmer("Yield ~ x + (1 | Batch)", data, reml=False)
    found = bm.pb_modcomp(larger, dye(reml=False), nsim=50, rng=1)
    assert found.df == 1
    assert found.extremes == int((found.reference > found.statistic).sum())
    assert found.p_value == (1 + found.extremes) / (1 + len(found.positive))
    assert found.p_value_all <= found.p_value
    again = bm.pb_modcomp(larger, dye(reml=True), nsim=50, rng=1)
    np.testing.assert_allclose(again.reference, found.reference, atol=1e-6)


def test_one_refit_at_a_time_gives_the_same_ratios():
    data = bm.load_dataset("Dyestuff")
    data["x"] = np.arange(len(data)) % 5
    larger, smaller = bm.lmer("Yield ~ x + (1 | Batch)", data, reml=False), dye(reml=False)
    found = bm.pb_modcomp(larger, smaller, nsim=4, rng=7).reference
    simulated = smaller.simulate(4, rng=7)
    for value, name in zip(found, simulated.columns, strict=True):
        y = simulated[name].to_numpy()
        np.testing.assert_allclose(
            value, smaller.refit(y).deviance - larger.refit(y).deviance, atol=1e-6
        )


def test_wrong_arguments_are_named():
    fit = dye()
    ml = dye(reml=False)
    sleep = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    calls: list[tuple[Any, str, type[Exception]]] = [
        (lambda: bm.exact_rlrt(fit, nsim=0), "`nsim`", ArgumentError),
        (lambda: bm.exact_rlrt(fit, rng="a"), "`rng`", ArgumentError),
        (lambda: bm.exact_rlrt(fit, fit), "`smaller`", ArgumentError),
        (lambda: bm.exact_rlrt(ml), "REML", ModelError),
        (lambda: bm.exact_rlrt(sleep), "`fit`", ModelError),
        (lambda: bm.exact_rlrt(fit, sleep, sleep), "`larger`", ModelError),
        (lambda: bm.exact_rlrt(fit, fit, fit), "`larger`", ModelError),
        (lambda: bm.exact_lrt(fit), "maximum likelihood", ModelError),
        (lambda: bm.exact_lrt(ml, "x"), "`without`", ArgumentError),
        (lambda: bm.pb_modcomp(fit, fit), "`larger`", ModelError),
        (lambda: bm.pb_modcomp(fit, sleep), "same rows", ModelError),
        (lambda: bm.pb_modcomp(fit, None), "`smaller`", ArgumentError),
        (lambda: bm.pb_modcomp(None, fit), "`larger`", ArgumentError),
    ]
    for call, named, kind in calls:
        with pytest.raises(PybootmlmError, match=named) as raised:
            call()
        assert isinstance(raised.value, kind)
