"""Correlations of structures give the criterion several minima; all searches must end in the same.

The response is noise, so that standard deviations vanish in many data sets, where the correlation
is free and a search can end with the wrong sign of it. A replicate must end where a fit of its own
ends, which has more starts than one; and so must both engines. Criteria agree to rounding.
"""

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.lmm.search.coordinates import SearchCoordinates
from pybootmlm.lmm.several_factors import problem as several_factors

ROUNDING = 1e-7

pytestmark = pytest.mark.filterwarnings("ignore::pybootmlm.exceptions.SingularFitWarning")


def noise(seed: int, n: int = 90) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "y": random.normal(size=n),
            "x": random.normal(size=n),
            "f": np.tile(list("abc"), n // 3),
            "g": np.repeat(np.arange(n // 9), 9).astype(str),
            "h": random.integers(0, 6, n).astype(str),
        }
    )


def excesses(formula: str, replicates: int = 25) -> np.ndarray:
    """By how much the criteria of replicates exceed those of fits of their own."""
    fit = bm.lmer(formula, noise(5))
    kept = bm.bootstrap_mer(fit, "theta", replicates, "residual", rng=4, keep_fits=True).kept
    assert kept is not None
    return np.array([one.criterion - fit.refit(one.design.y).criterion for one in kept])


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x + cs(0 + f | g)",
        "y ~ x + ar1(0 + f | g)",
        "y ~ x + ar1(0 + f | g, hom = FALSE)",
        "y ~ x + cs(0 + f | g) + (1 | h)",
    ],
)
def test_replicates_reach_what_fits_reach(formula: str):
    np.testing.assert_array_less(excesses(formula), ROUNDING)


def test_one_start_would_not_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(SearchCoordinates, "starts_near", lambda self, at, _: [self.start_at(at)])
    assert excesses("y ~ x + cs(0 + f | g)").max() > 0.1


def test_replicates_that_are_searched_one_by_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(several_factors, "EXACT_UP_TO", 0)
    np.testing.assert_array_less(excesses("y ~ x + cs(0 + f | g) + (1 | h)", 8), ROUNDING)


@pytest.mark.parametrize(
    "formula", ["y ~ x + cs(0 + f | g) + (1 | h)", "y ~ x + ar1(0 + f | g) + ar1(0 + f | h)"]
)
def test_both_engines_end_in_one_minimum(formula: str, monkeypatch: pytest.MonkeyPatch):
    for seed in range(8):
        data = noise(seed)
        few = bm.lmer(formula, data)
        with monkeypatch.context() as patch:
            patch.setattr(several_factors, "EXACT_UP_TO", 0)
            many = bm.lmer(formula, data)
        assert many.criterion == pytest.approx(few.criterion, abs=ROUNDING)
