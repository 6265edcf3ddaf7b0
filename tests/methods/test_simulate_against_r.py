"""Simulated responses against lme4's, from the same random numbers.

`simulate.json` was made by simulate.R beside it, and names its versions. Random numbers are R's
bit for bit; what they are multiplied with agrees to rounding at lme4's theta. Beside lme4's
responses the record has those of the model's formula, from the same numbers, computed densely by
R. Where lme4 differs from the formula, we follow the formula: it ignores prior weights, and takes
the first elements of theta for whichever terms it draws.
"""

import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "simulate.json").read_text(encoding="utf-8"))
Case = dict[str, Any]

# Cases in which lme4 does not simulate from the model.
WRONG_IN_LME4 = {
    ("Reaction ~ Days + (Days || Subject)", "~ (1 | Subject)"),
    ("diameter ~ 1 + (1 | plate) + (1 | sample)", "~ (1 | plate)"),
    ("diameter ~ 1 + (1 | plate) + (1 | sample)", "new rows"),
    ("Reaction ~ Days + (1 | Subject)", "weights"),
}


def kind(case: Case) -> tuple[str, str]:
    query = dict(case["query"] or {})
    if case.get("weights"):
        return case["formula"], "weights"
    return case["formula"], query.get("re.form", "new rows" if "newdata" in query else "")


def title(case: Case) -> str:
    return f"{case['data']}: {case['formula']} {case['query']}"


def arguments(case: Case) -> dict[str, Any]:
    given = dict(case["query"] or {})
    out: dict[str, Any] = {name.replace(".", "_"): value for name, value in given.items()}
    if out.get("re_form") == "all":
        out["re_form"] = None
    if "newdata" in out:
        frame = pd.DataFrame(out["newdata"])
        for name in {"Days", "off"} & set(frame.columns):
            frame[name] = frame[name].astype(float)
        out["newdata"] = frame
    if "newparams" in out:
        sigma = out["newparams"]["sigma"]
        out["newparams"]["sigma"] = sigma[0] if isinstance(sigma, list) else sigma
    return out


def ours(case: Case, make: ModuleType, **options: Any) -> np.ndarray:
    found = make.at_r(case).simulate(2, rng=bm.RStream(20), **arguments(case), **options)
    assert list(found.columns) == ["sim_1", "sim_2"]
    return found.head(50).to_numpy().ravel("F")


def equal(found: np.ndarray, texts: list[str], make: ModuleType) -> bool:
    expected = make.floats(texts)
    if len(expected) != len(found):  # the formula has no rows for what was left out
        found = found[np.isfinite(found)][: len(expected)]
        expected = expected[: len(found)]
    # Fixed effects and modes at one theta: a few hundred roundings of numbers of this size.
    return bool(np.allclose(found, expected, rtol=1e-10, atol=1e-10, equal_nan=True))


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_against_recorded_lme4(case: Case, make: ModuleType):
    assert equal(ours(case, make), case["value"], make) == (kind(case) not in WRONG_IN_LME4)


@pytest.mark.parametrize(
    "case", [c for c in RECORD["cases"] if c["by_formula"] and not c.get("na")], ids=title
)
def test_against_the_models_formula(case: Case, make: ModuleType):
    assert equal(ours(case, make), case["by_formula"], make)


def test_lme4_takes_theta_by_position_on_new_rows(make: ModuleType):
    """With fewer plates than samples lme4 swaps their standard deviations."""
    (case,) = [c for c in RECORD["cases"] if kind(c)[1] == "new rows" and c["data"] == "Penicillin"]
    fit = make.at_r(case)
    swapped = {"theta": fit.theta[::-1], "beta": fit.beta}
    found = fit.simulate(2, rng=bm.RStream(20), newparams=swapped, **arguments(case))
    assert equal(found.to_numpy().ravel("F"), case["value"], make)


def test_lme4_ignores_weights(make: ModuleType):
    """What lme4 gives is our response with every error multiplied by the root of its weight."""
    (case,) = [c for c in RECORD["cases"] if c.get("weights")]
    fit = make.at_r(case)
    without = fit.simulate(2, rng=bm.RStream(20), cond_sim=False)
    noise = fit.simulate(2, rng=bm.RStream(20)) - without
    found = without + noise.mul(np.sqrt(fit.weights), axis=0)
    assert equal(found.head(50).to_numpy().ravel("F"), case["value"], make)


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "simulate.R"
    assert {kind(case) for case in RECORD["cases"]} >= WRONG_IN_LME4


def test_control_another_seed_is_seen(make: ModuleType):
    case = RECORD["cases"][0]
    found = make.at_r(case).simulate(2, rng=bm.RStream(21)).head(50).to_numpy().ravel("F")
    assert not equal(found, case["value"], make)


@pytest.mark.live_r
def test_against_live_lme4(make: ModuleType, tmp_path: Path):
    target = tmp_path / "simulate.json"
    command = ["Rscript", str(HERE / "simulate.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    for case in json.loads(target.read_text(encoding="utf-8"))["cases"]:
        same = equal(ours(case, make), case["value"], make)
        assert same == (kind(case) not in WRONG_IN_LME4), title(case)
