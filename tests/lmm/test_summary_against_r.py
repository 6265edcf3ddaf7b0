"""The printed summary against lme4's own, line by line.

`summaries.json` was made by summaries.R beside it, and names its versions. Each model is put at
lme4's theta, so the numbers agree to rounding and only the layout is compared.

What is not compared: the call (Data, Weights, Offset: a fit does not know what its arguments were
called), lme4's messages on its optimiser and on scaling, and blanks at the ends of lines.
"""

import json
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import SingularFitWarning

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "summaries.json").read_text(encoding="utf-8"))
Model = dict[str, Any]

# lme4 before 1.1-36 prints `x || g` as it expands it.
EXPANDED = "((1 | Subject) + (0 + Days | Subject))"


def comparable(text: list[str]) -> list[str]:
    """The lines of lme4's summary that ours must have."""
    kept = []
    for line in text:
        if line.startswith(("   Data:", "optimizer (", "Model failed to", "unable to evaluate")):
            continue
        if line == "fit warnings:":
            break
        kept.append(line.replace(EXPANDED, "(Days || Subject)").rstrip())
    while kept[-1] == "":
        kept.pop()
    return kept


def fit_of(model: Model) -> bm.LmerFit:
    """Our fit, moved to lme4's theta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = bm.lmer(model["formula"], bm.load_dataset(model["data"]), reml=model["reml"])
    there = fit.at_theta(np.array([float(x) for x in model["theta"]]))
    # lme4 may have stopped short of our optimum, where nothing is singular yet.
    return replace(there, messages=fit.messages if there.is_singular() else ())


def ours(fit: bm.LmerFit) -> list[str]:
    lines = str(fit.summary()).split("\n")
    assert [line.rstrip() for line in lines] == lines, "blanks at the end of a line"
    return [line for line in lines if not line.startswith("Correlations not shown")]


def ours_of_varcorr(fit: bm.LmerFit) -> list[str]:
    """R prints a matrix without row names one blank to the right."""
    return [" " + line for line in str(fit.varcorr).split("\n")]


def check(model: Model, residuals: bool = True) -> None:
    fit = fit_of(model)
    found, expected = ours(fit), comparable(model["text"])
    if not residuals:
        for lines in (found, expected):
            at = lines.index("Scaled residuals:")
            del lines[at + 1 : at + 3]
    assert "\n".join(found).rstrip() == "\n".join(expected)
    printed = [line.rstrip() for line in model["varcorr"]]
    assert "\n".join(ours_of_varcorr(fit)) == "\n".join(printed)


def name(model: Model) -> str:
    return f"{model['data']}: {model['formula']}, {'REML' if model['reml'] else 'ML'}"


@pytest.mark.parametrize("model", RECORD["models"], ids=name)
def test_against_recorded_lme4(model: Model):
    check(model)


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "summaries.R"
    assert RECORD["provenance"]["R"].startswith("R version")
    assert len(RECORD["models"]) >= 24


def test_control_one_digit_or_one_blank_is_seen():
    model = RECORD["models"][0]
    right = comparable(model["text"])
    for line, (old, new) in {12: ("2451", "2452"), 17: ("  1527", " 1527")}.items():
        wrong = list(right)
        assert old in wrong[line]
        wrong[line] = wrong[line].replace(old, new)
        assert ours(fit_of(model)) != wrong
    assert ours(fit_of(model)) == right


@pytest.mark.live_r
def test_against_live_lme4(tmp_path: Path):
    target = tmp_path / "summaries.json"
    command = ["Rscript", str(HERE / "summaries.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))
    models = live["models"]
    assert [name(m) for m in models] == [name(m) for m in RECORD["models"]]
    # zapsmall(), which rounds the residuals' quantiles, has not had one rule in all versions of R.
    same = live["provenance"]["R"] == RECORD["provenance"]["R"]
    for model in models:
        check(model, residuals=same)
