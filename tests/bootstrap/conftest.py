"""Bootstraps made by hand: nothing is fitted here."""

import numpy as np
import pytest

import pybootmlm as bm


@pytest.fixture
def gamma() -> bm.BootResult:
    """999 skewed replicates of a statistic and of its variance; one failed."""
    rng = np.random.default_rng(7)
    t = rng.gamma(9.0, 1 / 3, size=(999, 2))
    t[:, 1] = t[:, 0] ** 2 / 9 * rng.gamma(40.0, 1 / 40, size=999)
    t[17] = np.nan
    return bm.BootResult(
        t0=np.array([2.9, 0.9]),
        t=t,
        names=("scale", "variance"),
        type="residual",
        nsim=999,
        failures={17: "no optimum"},
        singular=4,
        not_converged=1,
        warnings={"the gradient is large": 2},
        formula="y ~ 1 + (1 | g)",
        reml=True,
        origin="abc",
        seed="RStream(85957)",
    )


@pytest.fixture
def influence() -> np.ndarray:
    """Influence values of 12 clusters for two statistics."""
    return np.random.default_rng(3).gamma(2.0, size=(12, 2)) - 1.4
