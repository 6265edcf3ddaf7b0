"""Crossed, partially crossed and nested factors, slopes on several of them, and weights, against R.

`several.json` was made by several.R beside it, and names its versions: lme4's deviance function at
given thetas, numDeriv's derivatives of it, and estimates that bobyqa was told to search for down to
steps of 1e-9. Models of this size take dense matrices; the same numbers must come out where they
are eliminated stage by stage, as large ones are.

The criterion agrees to rounding, 1e-10. numDeriv extrapolates differences: gradients to about 1e-9,
Hessians to about 1e-6, of the largest element. Where our optimum is lower, R stopped early.
"""

import json
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.lmm.several_factors import sweep

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "several.json").read_text(encoding="utf-8"))
Model = dict[str, Any]


@pytest.fixture(params=["dense", "by stages"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "by stages":
        monkeypatch.setattr("pybootmlm.lmm.several_factors.problem.EXACT_UP_TO", 0)
        monkeypatch.setattr(sweep, "DENSE_UP_TO", 0)
    return request.param


def floats(texts: list[Any]) -> np.ndarray:
    return np.array([float(text) for text in texts])


def fit_of(model: Model, record: dict[str, Any]) -> bm.LmerFit:
    if model["data"] == "made":
        numbers = ("x", "y", "w")
        data = pd.DataFrame(
            {name: floats(v) if name in numbers else v for name, v in record["made"].items()}
        )
    else:
        data = bm.load_dataset(model["data"])
    weights = "w" if model["weights"] else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(model["formula"], data, reml=model["reml"], weights=weights)


def differences(model: Model, record: dict[str, Any]) -> list[str]:
    fit, wrong = fit_of(model, record), []

    def compare(name: str, found: Any, expected: Any, rtol: float) -> None:
        size = np.abs(expected).max()
        if not np.allclose(found, expected, rtol=rtol, atol=rtol * size):
            wrong.append(f"{name}: {found} instead of {expected}")

    for point in model["at"]:
        theta = floats(point["theta"])
        compare("criterion", fit.at_theta(theta).criterion, floats(point["criterion"])[0], 1e-10)
        problem = fit.model.problem
        found = problem.evaluate(theta[None], fit.reml, 1)
        compare("gradient", found.gradient[0], floats(point["gradient"]), 1e-7)
        hessian = floats(point["hessian"]).reshape(len(theta), -1)
        compare("Hessian", problem.hessian(theta, fit.reml), hessian, 1e-5)
    gain = floats(model["criterion"])[0] - fit.criterion
    if gain < -1e-8:
        wrong.append(f"the criterion is {-gain:.3g} above lme4's")
    if gain < 1e-7:
        # A criterion that is flat to 1e-7 bounds theta to about its root.
        compare("theta", fit.theta, floats(model["theta"]), 1e-3)
        compare("beta", fit.beta, floats(model["beta"]), 1e-4)
        compare("sigma", fit.sigma, floats(model["sigma"])[0], 1e-4)
        squares = np.concatenate([(b**2).sum().to_numpy() for b in fit.ranef().values()])
        compare("effects", squares, floats(model["effects"]), 1e-3)
    return wrong


def name(model: Model) -> str:
    weights = ", weights" if model["weights"] else ""
    return f"{model['data']}: {model['formula']}, {'REML' if model['reml'] else 'ML'}{weights}"


@pytest.mark.parametrize("model", RECORD["models"], ids=name)
def test_against_recorded_lme4(model: Model, way: str):
    assert differences(model, RECORD) == []


def test_controls_small_differences_are_seen():
    model = RECORD["models"][0]
    point = model["at"][0]
    for key, share in (("criterion", 1e-9), ("gradient", 1e-5), ("hessian", 1e-4)):
        shifted = {**point, key: [str(float(x) * (1 + share)) for x in point[key]]}
        assert differences({**model, "at": [shifted]}, RECORD) != []
    lower = {**model, "criterion": [str(float(model["criterion"][0]) - 1e-6)]}
    assert differences(lower, RECORD) != []


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "several.R"
    assert RECORD["provenance"]["lme4"] >= "1.1"
    assert len(RECORD["models"]) == 20


@pytest.mark.live_r
def test_against_live_lme4(tmp_path: Path):
    target = tmp_path / "several.json"
    command = ["Rscript", str(HERE / "several.R"), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    live = json.loads(target.read_text(encoding="utf-8"))
    assert [name(model) for model in live["models"]] == [name(m) for m in RECORD["models"]]
    wrong = {name(m): found for m in live["models"] if (found := differences(m, live))}
    assert wrong == {}
