"""The intervals of a fit by every method."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

RECORD = json.loads(Path(__file__).with_name("confint_boot.json").read_text(encoding="utf-8"))
FIT = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"), reml=False)


@pytest.mark.parametrize("case", RECORD["cases"], ids=lambda c: c["data"])
@pytest.mark.parametrize("kind", ["perc", "basic", "norm"])
def test_bootstrap_intervals_against_recorded_lme4(case: dict[str, Any], kind, make: ModuleType):
    """Replicate by replicate R's draws; refits differ by where lme4's optimiser stops."""
    fit = make.fit_of(case)
    found = fit.confint(method="boot", nsim=99, boot_type=kind, level=0.9, rng=bm.RStream(7))
    theirs = make.floats(case["intervals"][kind]).reshape(-1, 2, order="F")
    width = theirs[:, 1] - theirs[:, 0]
    # Mean and spread of 99 replicates feel the one refit that lme4 leaves at theta_11 = 0 (its
    # warm start has no way back); order statistics do not.
    loose = 2e-2 if kind == "norm" else 2e-3
    np.testing.assert_allclose(found / width[:, None], theirs / width[:, None], atol=loose)


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "confint_boot.R"


def test_wald_is_the_normal_quantile_times_the_standard_error():
    found = FIT.confint(method="Wald", level=0.8)
    assert found.iloc[:4].isna().all(axis=None)
    z = norm.ppf(0.9)
    np.testing.assert_allclose(found.iloc[4:]["90 %"], FIT.beta + z * FIT.std_errors, rtol=1e-12)
    assert found.columns.tolist() == ["10 %", "90 %"]


def test_profile_is_the_profile():
    expected = FIT.profile(grid=False).confint(level=0.9)
    pd.testing.assert_frame_equal(FIT.confint(level=0.9), expected)
    one = FIT.confint("Days", 0.9)
    pd.testing.assert_frame_equal(one, expected.loc[["Days"]])


@pytest.mark.filterwarnings("ignore::pybootmlm.exceptions.IntervalWarning")
def test_rows_are_the_same_whatever_the_method():
    names = [FIT.confint(method=m, nsim=9, rng=1).index.tolist() for m in ("Wald", "boot")]
    assert names[0] == names[1] == FIT.confint().index.tolist()
    readable = FIT.confint(["sigma", "cor_Days.(Intercept)|Subject"], old_names=False)
    assert readable.index.tolist() == ["sigma", "cor_Days.(Intercept)|Subject"]
    boot = FIT.confint("beta_", method="boot", nsim=9, rng=1)
    every = FIT.confint(method="boot", nsim=9, rng=1)
    pd.testing.assert_frame_equal(boot, every.loc[boot.index])


def test_a_function_is_the_method():
    pd.testing.assert_frame_equal(bm.confint(FIT, method="Wald"), FIT.confint(method="Wald"))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"method": "wald"}, "`method` must be one of 'profile', 'Wald', 'boot'; got 'wald'"),
        ({"parm": "age"}, "got 'age'"),
        ({"level": 95}, "`level` must lie between 0 and 1"),
        ({"method": "boot", "nsim": 0}, "`nsim` must be a positive integer"),
        ({"method": "boot", "boot_type": "bca"}, "`boot_type` must be one of 'perc'"),
        ({"old_names": 0}, "`old_names` must be True or False"),
    ],
)
def test_bad_input_is_named(options, text):
    with pytest.raises(ArgumentError, match=text):
        FIT.confint(**options)
