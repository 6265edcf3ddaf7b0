"""Marginal means and tests of random terms against lmerTest's ls_means() and ranova().

`means.json` was made by means.R beside it, and names its versions. Means are compared at the theta
where R stopped. ranova compares optima, R's and ours, whose criteria agree to 1e-6 or better; what
it prints has fewer digits.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "means.json").read_text(encoding="utf-8"))
Case = dict[str, Any]
WAYS = {"Satterthwaite": "satterthwaite", "Kenward-Roger": "kenward-roger"}


def title(case: Case) -> str:
    return f"{case['data']}: {case['formula']}, {'REML' if case['reml'] else 'ML'}"


def check_means(case: Case, models: Any) -> list[str]:
    """Columns that differ; rows are in the same order, under other names."""
    fit, wrong = models.at_r(case), []
    for way, expected in case["tables"].items():
        for name, pairwise in (("means", False), ("pairs", True)):
            found = bm.emmeans(
                fit, case["specs"], pairwise=pairwise, ddf=WAYS[way], level=0.9
            ).frame
            theirs = expected[name]["values"]
            if not pairwise:
                # R varies the first variable fastest, we the last.
                found = found.loc[_r_order(list(found.index))]
            elif len(case["specs"]) > 1:
                continue
            for column in found.columns:
                values = models.floats(theirs[column])
                # lmerTest's derivatives are numerical; differences can be zero but for rounding.
                atol = 1e-7 * np.abs(values[np.isfinite(values)]).max(initial=0)
                rtol = 1e-4 if column.startswith("Pr") else 2e-6
                if not np.allclose(found[column], values, rtol=rtol, atol=atol, equal_nan=True):
                    wrong.append(f"{way}, {name}, {column}: {list(found[column])}, {values}")
        if len(case["specs"]) == 1:
            adjusted = bm.emmeans(
                fit, case["specs"], pairwise=True, adjust="tukey", ddf=WAYS[way]
            ).frame["Pr(>|t|)"]
            # Integrals on both sides: R's to 1e-6 or so.
            if not np.allclose(adjusted, models.floats(expected["tukey"]), rtol=1e-4, atol=1e-6):
                wrong.append(f"{way}, tukey: {list(adjusted)}, {expected['tukey']}")
    return wrong


def _r_order(names: list[str]) -> list[str]:
    seconds = dict.fromkeys(" ".join(name.split()[1:]) for name in names)
    return [n for s in seconds for n in names if " ".join(n.split()[1:]) == s]


def check_random(case: Case, models: Any) -> list[str]:
    """What differs of ranova's tables."""
    fit, wrong = models.fit(case), []
    for reduce_terms, expected in zip((True, False), case["tables"].values(), strict=True):
        found = bm.ranova(fit, reduce_terms=reduce_terms)
        if list(found.frame.index) != expected["table"]["rows"]:
            wrong.append(f"rows {list(found.frame.index)}")
            continue
        for column in found.frame.columns:
            theirs = models.floats(expected["table"]["values"][column])
            rtol = 1e-3 if column.startswith("Pr") else 1e-6
            ours = found.frame[column]
            if not np.allclose(ours, theirs, rtol=rtol, atol=2e-5, equal_nan=True):
                wrong.append(f"{column}: {list(ours)} instead of {list(theirs)}")
        lines = [line.rstrip() for line in str(found).split("\n")]
        if lines != [line.rstrip() for line in expected["text"]]:
            wrong.append("\n".join(lines))
    return wrong


@pytest.mark.parametrize("case", RECORD["means"], ids=title)
def test_marginal_means(case: Case, models: Any):
    assert check_means(case, models) == []


@pytest.mark.parametrize("case", RECORD["random"], ids=title)
def test_random_terms(case: Case, models: Any):
    assert check_random(case, models) == []


def test_control_a_changed_number_is_seen(models: Any):
    case = json.loads(json.dumps(RECORD["means"][0]))
    values = case["tables"]["Kenward-Roger"]["means"]["values"]["Std. Error"]
    values[0] = str(float(values[0]) * (1 + 1e-5))
    assert len(check_means(case, models)) == 1
    other = json.loads(json.dumps(RECORD["random"][0]))
    other["tables"]["reduced"]["table"]["values"]["LRT"][1] = "42.84"
    other["tables"]["whole"]["text"][4] += "!"
    assert len(check_random(other, models)) == 2


@pytest.mark.live_r("lmerTest", "pbkrtest")
def test_against_live_r(models: Any, tmp_path: Path):
    target = tmp_path / "means.json"
    command = ["Rscript", str(HERE / "means.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))
    assert [found for case in live["means"] for found in check_means(case, models)] == []
    assert [found for case in live["random"] for found in check_random(case, models)] == []
