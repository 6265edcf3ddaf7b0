"""Ready-made statistics against R's own values at R's theta, recorded by statistics.R.

At one theta all are smooth functions of the same cross-products: rounding only, 1e-9 relative with
room for badly conditioned X'X (cake's temperatures: 1e4).
"""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

RECORDED = json.loads(Path(__file__).with_name("statistics.json").read_text())["models"]
SAME = {"rtol": 1e-9, "atol": 1e-12}


@pytest.fixture(params=RECORDED, ids=lambda one: f"{one['data']}-{one['formula']}")
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], bm.LmerFit]:
    one = request.param
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.PybootmlmWarning)
        fit = bm.lmer(one["formula"], bm.load_dataset(one["data"]), reml=one["reml"])
    return one, fit.at_theta([float(value) for value in one["theta_at"]])


def numbers(values: Any) -> list[float]:
    return [float(v) for v in (values.values() if isinstance(values, dict) else values)]


def test_fixef(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    found = bm.statistics.fixef(fit)
    assert list(found) == list(one["fixef"])
    np.testing.assert_allclose(list(found.values()), numbers(one["fixef"]), **SAME)


def test_sigma(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    assert bm.statistics.sigma(fit) == {"sigma": pytest.approx(float(one["sigma"]), rel=1e-9)}


def test_theta(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    found = bm.statistics.theta(fit)
    assert list(found) == [f"theta{k + 1}" for k in range(len(one["theta_at"]))]
    assert list(found.values()) == numbers(one["theta_at"])


def test_standard_deviations_and_correlations(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    found = bm.statistics.var_corr_sd(fit)
    np.testing.assert_allclose(list(found.values()), numbers(one["sdcor"]), **SAME)
    assert list(found)[-1] == "sigma"


def test_variances_and_covariances(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    found = bm.statistics.var_corr_var(fit)
    np.testing.assert_allclose(list(found.values()), numbers(one["vcov"]), **SAME)
    assert list(found)[-1] == "sigma2"


def test_icc(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    if not one["icc"]:
        with pytest.raises(ArgumentError, match="`icc` needs random intercepts only"):
            bm.statistics.icc(fit)
        return
    found = bm.statistics.icc(fit)
    assert list(found) == list(one["icc"])
    np.testing.assert_allclose(list(found.values()), numbers(one["icc"]), **SAME)


def test_r2(case: tuple[dict[str, Any], bm.LmerFit]) -> None:
    one, fit = case
    found = bm.statistics.r2(fit)
    assert list(found) == list(one["r2"])
    np.testing.assert_allclose(list(found.values()), numbers(one["r2"]), **SAME)


def test_both_kinds_of_icc_are_recorded() -> None:
    """Negative control: models with a share, with several shares, and with none."""
    assert sorted({len(one["icc"]) for one in RECORDED}) == [0, 1, 2]
