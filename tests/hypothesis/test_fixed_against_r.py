"""Tests of fixed effects against lmerTest and pbkrtest.

`fixed.json` was made by fixed.R beside it, and names its versions. Everything is compared at the
theta where R stopped. There our derivatives are exact and lmerTest's are Richardson extrapolations,
so that its degrees of freedom have seven to ten digits (at worst 1.3e-7 away from ours); Kenward
and Roger's need no derivatives and agree to 1e-12.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "fixed.json").read_text(encoding="utf-8"))
Case = dict[str, Any]
WAYS = {"Satterthwaite": "satterthwaite", "Kenward-Roger": "kenward-roger"}
# Relative: of lmerTest's differences (see above), and of algebra in doubles on both sides.
RTOL = {"Satterthwaite": 2e-6, "Kenward-Roger": 1e-8}


def title(case: Case) -> str:
    sums = ", other contrasts" if case["contrasts"] else ""
    return f"{case['data']}: {case['formula']}, {'REML' if case['reml'] else 'ML'}{sums}"


def compare(frame: Any, expected: Case, way: str, models: Any) -> list[str]:
    """Every column that differs from R's."""
    found = []
    if list(frame.columns) != expected["columns"]:
        found.append(f"columns {list(frame.columns)}")
    for name in frame.columns:
        theirs = models.floats(expected["values"][name])
        ours = frame[name].to_numpy()
        # p-values of 1e-100 multiply every digit that t or its degrees of freedom lack.
        rtol = 5e-3 if name.startswith("Pr(") else RTOL[way]
        # A statistic of zero is rounding over an error; 1e-6 of the others' size.
        size = np.abs(theirs[np.isfinite(theirs)]).max(initial=0)
        if not np.allclose(ours, theirs, rtol=rtol, atol=1e-6 * size, equal_nan=True):
            found.append(f"{name}: {ours} instead of {theirs}")
    return found


def check(case: Case, models: Any) -> list[str]:
    """What differs between a fit's tests and R's."""
    fit, wrong = models.at_r(case), []
    L = np.array([models.floats(row) for row in case["L"]])
    first = L[:2]
    if case["reml"]:
        p = fit.beta.size
        adjusted = models.floats(case["vcov_adj"]).reshape(p, p)
        size = np.sqrt(np.outer(np.diag(adjusted), np.diag(adjusted)))
        if np.abs((bm.vcov_adj(fit).to_numpy() - adjusted) / size).max() > 1e-7:
            wrong.append("vcov_adj")
    for way, expected in case["tests"].items():
        ddf = WAYS[way]
        tables = {
            "summary": bm.fixed_tests(fit, ddf=ddf),
            "joint": bm.contest(fit, L, ddf=ddf),
            "rhs": bm.contest(fit, first, rhs=np.arange(1, len(first) + 1), ddf=ddf),
            "single": bm.contest(fit, first, joint=False, rhs=0.5, ddf=ddf, level=0.9),
        }
        for name, table in tables.items():
            # Of dependent rows pbkrtest makes an error, and lmerTest Satterthwaite's test of it.
            if name == "joint" and way == "Kenward-Roger" and len(L) > 2:
                continue
            wrong += [
                f"{way}, {name}: {x}" for x in compare(table.frame, expected[name], way, models)
            ]
        for k, one in enumerate(expected["anova"]):
            table = bm.term_tests(fit, k + 1, ddf=ddf)
            if list(table.frame.index) != one["table"]["rows"]:
                wrong.append(f"{way}, type {k + 1}: rows {list(table.frame.index)}")
                continue
            found = compare(table.frame, one["table"], way, models)
            wrong += [f"{way}, type {k + 1}, {x}" for x in found]
    return wrong


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_against_recorded_r(case: Case, models: Any):
    assert check(case, models) == []


def test_control_a_changed_number_is_seen(models: Any):
    case = json.loads(json.dumps(RECORD["cases"][0]))
    values = case["tests"]["Satterthwaite"]["summary"]["values"]["df"]
    values[0] = str(float(values[0]) * (1 + 1e-4))
    case["vcov_adj"][0] = str(float(case["vcov_adj"][0]) * (1 + 1e-5))
    assert len(check(case, models)) == 2


@pytest.mark.parametrize("k", [3, 6, 7])
def test_coefficients_are_printed_as_r_prints_them(k: int, models: Any):
    case = RECORD["cases"][k]
    fit = models.at_r(case)
    for way, expected in case["tests"].items():
        lines = str(bm.fixed_tests(fit, WAYS[way])).split("\n")[1:]
        assert lines == [line.rstrip() for line in expected["text"]]


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_tables_of_terms_are_printed_as_r_prints_them(case: Case, models: Any):
    fit = models.at_r(case)
    for way, expected in case["tests"].items():
        for k, one in enumerate(expected["anova"]):
            if one["table"]["rows"]:
                lines = str(bm.term_tests(fit, k + 1, ddf=WAYS[way])).split("\n")
                assert lines == [line.rstrip() for line in one["text"]]


@pytest.mark.live_r("lmerTest", "pbkrtest")
def test_against_live_r(models: Any, tmp_path: Path):
    target = tmp_path / "fixed.json"
    command = ["Rscript", str(HERE / "fixed.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))
    assert [found for case in live["cases"] for found in check(case, models)] == []
