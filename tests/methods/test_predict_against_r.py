"""Predictions and their standard errors against lme4's.

`predict.json` was made by predict.R beside it, and names its versions; standard errors come from
an lme4 that has them (1.1-35 or newer), where it computes them rightly. Each model is put at
lme4's theta, so what remains is rounding.
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
RECORD = json.loads((HERE / "predict.json").read_text(encoding="utf-8"))
CASES = [(model, answer) for model in RECORD["models"] for answer in model["answers"]]


def title(case: tuple[dict[str, Any], dict[str, Any]]) -> str:
    model, answer = case
    query = dict(answer["query"] or {})
    columns = query.pop("newdata", None)
    shown = "" if columns is None else f"new {columns}"
    return f"{model['data']}: {model['formula']} {model.get('na') or ''} {query} {shown}"


def arguments(query: dict[str, Any] | list[Any]) -> dict[str, Any]:
    given = dict(query or {})
    out: dict[str, Any] = {name.replace(".", "_"): value for name, value in given.items()}
    if "newdata" in given:
        frame = pd.DataFrame(given["newdata"]).replace("NA", np.nan)
        for name in ("Days", "off"):
            if name in frame:
                frame[name] = frame[name].astype(float)
        out["newdata"] = frame
    return out


def found(fit: bm.LmerFit, answer: dict[str, Any]) -> pd.DataFrame:
    options = arguments(answer["query"])
    with_se = fit.predict(**options, se_fit=True)
    alone = fit.predict(**options)
    assert isinstance(with_se, pd.DataFrame)
    np.testing.assert_array_equal(with_se["fit"], alone)
    return with_se


def check(fit: bm.LmerFit, answer: dict[str, Any], make: ModuleType) -> None:
    ours, expected = found(fit, answer), make.floats(answer["value"])
    scale = np.nanmax(np.abs(expected))
    np.testing.assert_allclose(ours["fit"], expected, rtol=1e-9, atol=1e-9 * scale)
    if answer["se"] is not None:
        errors = make.floats(answer["se"])
        # lme4 does not pad standard errors with the rows that were left out.
        own = ours["se_fit"] if len(errors) == len(ours) else ours["se_fit"].dropna()
        np.testing.assert_allclose(own, errors, rtol=1e-8)


@pytest.mark.parametrize("case", CASES, ids=title)
def test_against_recorded_lme4(case, make: ModuleType):
    model, answer = case
    check(make.at_r(model), answer, make)


def test_the_record_holds_what_it_should():
    assert RECORD["has_se"] is True
    assert RECORD["provenance"]["script"] == "predict.R"
    assert sum(answer["se"] is not None for _, answer in CASES) >= 8


def test_control_a_changed_number_is_seen(make: ModuleType):
    model, answer = CASES[0]
    changed = [*answer["value"][:-1], str(float(answer["value"][-1]) * (1 + 1e-7))]
    with pytest.raises(AssertionError):
        check(make.at_r(model), {**answer, "value": changed}, make)
    changed = [str(float(answer["se"][0]) * (1 + 1e-6)), *answer["se"][1:]]
    with pytest.raises(AssertionError):
        check(make.at_r(model), {**answer, "se": changed}, make)


@pytest.mark.parametrize("model", RECORD["permuted"], ids=lambda m: m["formula"])
def test_where_lme4_permutes_ours_are_the_mixed_model_equations(model, make: ModuleType):
    """lme4 1.1-37 is right in the straight case only: a deviation, and its evidence.

    Dense algebra in R, and ours, agree in all four; lme4 is off by a third and more in three.
    """
    data = bm.load_dataset(model["data"])
    kept = data.drop(index=[int(i) - 1 for i in model["without"]])
    fit = bm.lmer(model["formula"], kept).at_theta(make.floats(model["theta"]))
    ours = fit.predict(se_fit=True)["se_fit"].to_numpy()
    np.testing.assert_allclose(ours, make.floats(model["dense"]), rtol=1e-8)
    lme4 = make.floats(model["lme4"])
    if model["straight"]:
        np.testing.assert_allclose(ours, lme4, rtol=1e-8)
    else:
        assert np.abs(lme4 / ours - 1).max() > 0.3


@pytest.mark.live_r
def test_against_live_lme4(make: ModuleType, tmp_path: Path):
    target = tmp_path / "predict.json"
    command = ["Rscript", str(HERE / "predict.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    for model in json.loads(target.read_text(encoding="utf-8"))["models"]:
        for answer in model["answers"]:
            check(make.at_r(model), answer, make)
