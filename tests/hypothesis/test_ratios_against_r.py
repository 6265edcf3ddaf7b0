"""Likelihood-ratio tests by simulation against RLRsim and pbkrtest, from the same random numbers.

`ratios.json` was made by ratios.R beside it, and names its versions. The values of the exact null
distributions come from R's own stream and agree to rounding; the bootstrap's likelihood ratios are
differences of optima, and lme4 stops a little before each.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "ratios.json").read_text(encoding="utf-8"))
Case = dict[str, Any]


def title(case: Case) -> str:
    return f"{case['data']}: {case.get('formula') or case['formulas'][0]}"


def same(found: Any, expected: Case, models: Any) -> list[str]:
    """Differences of an exact test."""
    wrong = []
    if not np.allclose(found.statistic, models.floats(expected["statistic"]), rtol=1e-6, atol=1e-6):
        wrong.append(f"statistic {found.statistic}")
    # Sums of logarithms of a thousand terms: rounding, in another order.
    if not np.allclose(found.sample, models.floats(expected["sample"]), rtol=1e-8, atol=1e-9):
        wrong.append("sample")
    if found.p_value != models.floats(expected["p"])[0]:
        wrong.append(f"p {found.p_value}")
    return wrong


def check_bootstrap(case: Case, models: Any) -> list[str]:
    fits = [
        models.fit({"data": case["data"], "formula": f, "reml": True}) for f in case["formulas"]
    ]
    found = bm.pb_modcomp(*fits, nsim=25, rng=bm.RStream(23))
    wrong = []
    # Optima of lme4 are up to 1e-5 above ours in the deviance.
    if not np.allclose(found.reference, models.floats(case["reference"]), atol=1e-4):
        wrong.append(f"reference {found.reference}")
    frame = found.frame
    if list(frame.index) != case["rows"]:
        wrong.append(f"rows {list(frame.index)}")
    for ours, theirs in zip(frame.columns, ("stat", "df", "ddf", "p.value"), strict=True):
        # Moments of 25 values that differ by up to 1e-5.
        if not np.allclose(
            frame[ours], models.floats(case["test"][theirs]), rtol=1e-3, atol=1e-5, equal_nan=True
        ):
            wrong.append(f"{ours}: {list(frame[ours])}")
    return wrong


@pytest.mark.parametrize("case", RECORD["restricted"], ids=title)
def test_restricted(case: Case, models: Any):
    found = bm.exact_rlrt(models.fit(case), nsim=200, rng=bm.RStream(20))
    assert same(found, case, models) == []


def test_one_of_two_variances(models: Any):
    formulas = [
        "Reaction ~ Days + (0 + Days | Subject)",
        "Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)",
        "Reaction ~ Days + (1 | Subject)",
    ]
    fits = [models.fit({"data": "sleepstudy", "formula": f, "reml": True}) for f in formulas]
    found = bm.exact_rlrt(*fits, nsim=200, rng=bm.RStream(21))
    assert same(found, RECORD["one_of_two"], models) == []


@pytest.mark.parametrize("case", RECORD["full"], ids=title)
def test_full(case: Case, models: Any):
    found = bm.exact_lrt(models.fit(case), case["without"], nsim=200, rng=bm.RStream(22))
    assert same(found, case, models) == []


@pytest.mark.parametrize("case", RECORD["bootstrap"], ids=title)
def test_bootstrap(case: Case, models: Any):
    assert check_bootstrap(case, models) == []


def test_control_other_random_numbers_and_statistics_are_seen(models: Any):
    case = RECORD["restricted"][1]
    other = bm.exact_rlrt(models.fit(case), nsim=200, rng=bm.RStream(21))
    assert "sample" in same(other, case, models)
    changed = json.loads(json.dumps(RECORD["bootstrap"][0]))
    changed["reference"][3] = str(float(changed["reference"][3]) + 1e-3)
    assert len(check_bootstrap(changed, models)) == 1


@pytest.mark.live_r("pbkrtest", "RLRsim")
def test_against_live_r(models: Any, tmp_path: Path):
    target = tmp_path / "ratios.json"
    command = ["Rscript", str(HERE / "ratios.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))
    for case in live["restricted"]:
        found = bm.exact_rlrt(models.fit(case), nsim=200, rng=bm.RStream(20))
        assert same(found, case, models) == []
    assert [found for case in live["bootstrap"] for found in check_bootstrap(case, models)] == []
