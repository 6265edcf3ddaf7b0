"""Designs: the data have the truth that they claim, and the statistic its variance."""

from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.study.distributions import ChiSquare, StudentT


@pytest.mark.parametrize("distribution", ["normal", "chi2", ChiSquare(4), StudentT(9), "g-and-h"])
def test_a_large_data_set_has_the_true_icc_and_difference(distribution: Any) -> None:
    """By sums of squares, not by a fit; 20,000 clusters leave less than 0.03 of noise."""
    design = bm.Design(20_000, 4, icc=0.3, distribution=distribution, d=0.7)
    data = design.data(np.random.default_rng(2))
    y = data["y"].to_numpy().reshape(20_000, 4)
    means, treated = y.mean(axis=1), data["treatment"].to_numpy().reshape(20_000, 4)[:, 0]
    within = y.var(axis=1, ddof=1).mean()
    arms = [means[treated == arm] for arm in (0, 1)]
    between = np.mean([arm.var(ddof=1) for arm in arms]) - within / 4
    assert len(arms[0]) == len(arms[1])
    assert between == pytest.approx(0.3, abs=0.03)
    assert within == pytest.approx(0.7, abs=0.03)
    assert arms[1].mean() - arms[0].mean() == pytest.approx(0.7, abs=0.03)


def test_errors_may_differ_from_effects() -> None:
    design = bm.Design(6, 5000, icc=0.5, distribution="normal", errors="chi2", d=0.0)
    y = design.data(np.random.default_rng(1))["y"].to_numpy().reshape(6, 5000)
    e = y - y.mean(axis=1, keepdims=True)
    assert (e**3).mean() / (e**2).mean() ** 1.5 > 2  # sqrt(8)
    assert design.factors["distribution"] == "normal effects, chi2(1) errors"


def test_sizes_take_turns() -> None:
    design = bm.Design(5, (2, 7), icc=0.1)
    assert design.sizes == (2, 7, 2, 7, 2)
    assert design.data(np.random.default_rng(1)).groupby("cluster").size().tolist() == [
        2,
        7,
        2,
        7,
        2,
    ]
    assert design.factors["size"] == "2, 7"


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("size", [6, (2, 9, 4)])
def test_variances_against_dense_information(size: Any, reml: bool) -> None:
    """Expected information tr(V^-1 dV V^-1 dV) / 2 by dense matrices; slopes by differences."""
    design = bm.Design(14, size, icc=0.4)
    data = design.data(np.random.default_rng(11))
    fit = bm.lmer(design.formula, data, reml=reml)
    found = design.statistic(fit)
    t2, s2 = float(fit.varcorr.terms[0].cov[0, 0]), fit.sigma**2
    assert t2 > 0.01
    same = (data["cluster"].to_numpy()[:, None] == data["cluster"].to_numpy()).astype(float)
    V = t2 * same + s2 * np.eye(len(data))
    parts = [np.linalg.solve(V, dV) for dV in (same, np.eye(len(data)))]
    information = np.array([[np.trace(a @ b) / 2 for b in parts] for a in parts])
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = np.linalg.inv(information)
    X = np.column_stack([np.ones(len(data)), data["treatment"]])
    covariance[2, 2] = np.linalg.inv(X.T @ np.linalg.solve(V, X))[1, 1]
    at = np.array([t2, s2, fit.beta[1]])

    def estimands(p: np.ndarray) -> np.ndarray:
        return np.array([p[0] / (p[0] + p[1]), p[2] / np.sqrt(p[0] + p[1])])

    steps = 1e-6 * np.eye(3)
    slopes = np.array([(estimands(at + h) - estimands(at - h)) / 2e-6 for h in steps]).T
    variances = np.diag(slopes @ covariance @ slopes.T)
    np.testing.assert_allclose([found["icc"], found["d"]], estimands(at), rtol=1e-12)
    # Central differences with a step of 1e-6 keep nine digits.
    np.testing.assert_allclose(
        [found["variance of icc"], found["variance of d"]], variances, rtol=1e-7
    )


def test_the_statistic_is_the_same_on_a_refit() -> None:
    design = bm.Design(14, 5, icc=0.4)
    fit = bm.lmer(design.formula, design.data(np.random.default_rng(11)))
    boot = bm.bootstrap_mer(fit, design.statistic, 5, rng=1, keep_fits=True)
    y = boot.kept[3].model.design.y
    again = design.statistic(fit.refit(y))
    np.testing.assert_allclose(boot.t[3], list(again.values()), rtol=1e-5)


def test_a_grid_has_all_combinations() -> None:
    grid = bm.design_grid(
        clusters=[10, 30], size=[5, (2, 8)], icc=[0.1], distribution=["normal", "chi2"], d=[0, 0.5]
    )
    assert len(grid) == len(set(grid)) == 16
    assert {(one.clusters, one.size, one.d) for one in grid} >= {(10, (2, 8), 0), (30, 5, 0.5)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clusters": 3}, "`clusters` must be an integer from 4"),
        ({"clusters": 4.0}, "`clusters` must be an integer from 4"),
        ({"size": 0}, "`size` must be a positive integer"),
        ({"size": ()}, "`size` must hold at least one size"),
        ({"size": (3, 2.5)}, "`size` must be a positive integer"),
        ({"size": 1}, "`size` must be above 1 for some clusters"),
        ({"icc": 1.0}, "`icc` must lie from 0 to below 1"),
        ({"icc": -0.1}, "`icc` must lie from 0 to below 1"),
        ({"icc": "a"}, "`icc` must be a number"),
        ({"d": None}, "`d` must be a number"),
        ({"distribution": "cauchy"}, "A distribution must be one of"),
        ({"errors": 3}, "A distribution must be one of"),
    ],
)
def test_bad_values_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        bm.Design(**{"clusters": 10, "size": 5, "icc": 0.1, **change})


@pytest.mark.parametrize("bad", [[], 10, "normal", None])
def test_a_grid_needs_lists(bad: Any) -> None:
    with pytest.raises(ArgumentError, match="`distribution` must be a list of values"):
        bm.design_grid(clusters=[10], size=[5], icc=[0.1], distribution=bad)
