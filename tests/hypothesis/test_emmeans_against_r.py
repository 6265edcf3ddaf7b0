"""Marginal means and adjusted differences against the R package emmeans.

`emmeans.json` was made by emmeans.R beside it, and names its versions. Everything is compared at
the theta where R stopped.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "emmeans.json").read_text(encoding="utf-8"))
Case = dict[str, Any]
MEANS = {
    "emmean": "Estimate",
    "SE": "Std. Error",
    "df": "df",
    "lower.CL": "lower",
    "upper.CL": "upper",
}
PAIRS = {"estimate": "Estimate", "SE": "Std. Error", "df": "df", "t.ratio": "t value"}


def title(case: Case) -> str:
    return f"{case['data']}: {case['formula']}, {' '.join(case['specs'])}"


def check(case: Case, models: Any) -> list[str]:
    fit, wrong = models.at_r(case), []
    for ddf, expected in case["tables"].items():
        options: dict[str, Any] = {"at": case["at"] or None, "ddf": ddf}
        found = bm.emmeans(fit, case["specs"], level=0.9, **options).frame.loc[expected["rows"]]
        pairs = bm.emmeans(fit, case["specs"], pairwise=True, adjust="tukey", **options).frame
        for theirs, ours in MEANS.items():
            # emmeans takes Satterthwaite's derivatives numerically, as lmerTest.
            values = models.floats(expected["means"][theirs])
            if not np.allclose(found[ours], values, rtol=1e-5):
                wrong.append(f"{ddf}, {ours}: {list(found[ours])} instead of {values}")
        if len(case["specs"]) > 1:
            continue  # the pairs stand in another order
        for theirs, ours in PAIRS.items():
            values = models.floats(expected["pairs"][theirs])
            if not np.allclose(pairs[ours], values, rtol=1e-5, atol=1e-9):
                wrong.append(f"{ddf}, pairs, {ours}: {list(pairs[ours])} instead of {values}")
        p = models.floats(expected["pairs"]["p.value"])
        # The distribution of the range is an integral, on both sides to 1e-6 or so.
        if not np.allclose(pairs["Pr(>|t|)"], p, rtol=1e-3, atol=1e-6):
            wrong.append(f"{ddf}, pairs, p: {list(pairs['Pr(>|t|)'])} instead of {p}")
    return wrong


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_against_recorded_emmeans(case: Case, models: Any):
    assert check(case, models) == []


def test_control_a_changed_number_is_seen(models: Any):
    case = json.loads(json.dumps(RECORD["cases"][0]))
    values = case["tables"]["kenward-roger"]["means"]["upper.CL"]
    values[1] = str(float(values[1]) + 1e-2)
    assert len(check(case, models)) == 1
