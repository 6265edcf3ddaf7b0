"""Deletions against lme4's influence().

`influence.json` was made by influence.R beside it, and names its versions. Both sides refit, and
lme4's refits stop where the criterion is within about 1e-8 of its lowest value: estimates of
variances then agree to about 1e-4 of their standard errors, fixed effects far better.
"""

import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "influence.json").read_text(encoding="utf-8"))
Case = dict[str, Any]


def title(case: Case) -> str:
    return f"{case['data']}: {case['formula']} by {case['groups']}"


def check(case: Case, make: ModuleType) -> None:
    fit = make.fit_of(case)
    found = fit.influence(None if case["groups"] == "case" else case["groups"])
    shape = tuple(case["dim"])
    if case["groups"] == "case":
        assert found.fixed_without.index.tolist() == [int(x) - 1 for x in case["deleted"]]
    else:
        labels = found.fixed_without.index.astype(str).str.removesuffix(".0")
        assert labels.tolist() == case["deleted"]
    assert found.var_cov.index.tolist() == case["components"]
    assert found.converged.all()

    def theirs(name: str, columns: int) -> np.ndarray:
        return make.floats(case[name]).reshape(shape[0], columns, order="F")

    spread = fit.std_errors.to_numpy()
    fixed = theirs("fixed", shape[1])
    np.testing.assert_allclose((found.fixed_without - fixed) / spread, 0, atol=2e-4)
    np.testing.assert_allclose((found.dfbeta() - theirs("dfbeta", shape[1])) / spread, 0, atol=3e-4)
    if case["dfbetas"]:
        np.testing.assert_allclose(found.dfbetas, theirs("dfbetas", shape[1]), atol=3e-4)
    np.testing.assert_allclose(found.cooks_distance, make.floats(case["cooks"]), atol=2e-4)
    m = len(case["components"])
    # A variance is known to about sqrt(2/10) of itself; 2e-3 of it is far below that.
    size = np.abs(found.var_cov_without).max().to_numpy()
    gap = (found.var_cov_without - theirs("var_cov", m)) / size
    np.testing.assert_allclose(gap, 0, atol=2e-3)
    gap = (found.dfbeta("var_cov") - theirs("dfbeta_var_cov", m)) / size
    np.testing.assert_allclose(gap, 0, atol=2e-3)


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_against_recorded_lme4(case: Case, make: ModuleType):
    check(case, make)


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "influence.R"
    assert len(RECORD["cases"]) == 7


def test_control_a_changed_number_is_seen(make: ModuleType):
    case = json.loads(json.dumps(RECORD["cases"][0]))
    case["cooks"][3] = str(float(case["cooks"][3]) + 1e-3)
    with pytest.raises(AssertionError):
        check(case, make)


@pytest.mark.live_r
def test_against_live_lme4(make: ModuleType, tmp_path: Path):
    target = tmp_path / "influence.json"
    command = ["Rscript", str(HERE / "influence.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    for case in json.loads(target.read_text(encoding="utf-8"))["cases"]:
        check(case, make)


def test_several_columns_are_crossed(make: ModuleType):
    """lme4 pastes all columns of the data together, and so deletes single rows."""
    data = make.prepared("sleep+").assign(week=lambda d: (d["Days"] // 5).astype(int))
    fit = bm.lmer("Reaction ~ Days + (1 | Subject)", data)
    found = fit.influence(["sex", "week"])
    assert found.groups == "sex.week"
    assert found.fixed_without.index.tolist() == ["m:0", "m:1", "f:0", "f:1"]
