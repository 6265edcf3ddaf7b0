"""The page about the study follows from its data, and the data from the runner."""

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import pybootmlm as bm

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "coverage"


def script(name: str) -> ModuleType:
    path = ROOT / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "coverage.csv")


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    return json.loads((FOLDER / "facts.json").read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_data(frame: pd.DataFrame, facts: dict[str, Any]) -> None:
    page = script("coverage_page").page
    shipped = (ROOT / "docs" / "coverage_study.md").read_text(encoding="utf-8")
    assert page(frame, facts) == shipped
    changed = frame.copy()  # control
    changed.loc[5, "coverage"] -= 0.01
    assert page(changed, facts) != shipped


def test_what_is_bold_is_what_an_exact_test_rejects(
    frame: pd.DataFrame, facts: dict[str, Any]
) -> None:
    """Counted anew from the shares, with SciPy's limits."""
    n = frame["datasets"] - frame["failed"]
    hits = (frame["coverage"] * n).round().astype(int)
    np.testing.assert_allclose(hits / n, frame["coverage"], atol=1e-5)
    off = 0
    for k, trials in zip(hits, n, strict=True):
        low, high = scipy.stats.binomtest(k, trials).proportion_ci(0.95, method="exact")
        off += not low <= facts["level"] <= high
    shipped = (ROOT / "docs" / "coverage_study.md").read_text(encoding="utf-8")
    assert len(re.findall(r"\*\*\d+\.\d\*\*", shipped)) == off > 0
    missed = frame["missed_below"] + frame["missed_above"]
    np.testing.assert_allclose(missed, 1 - frame["coverage"], atol=3e-6)  # six digits are kept


def test_the_data_are_those_of_the_stated_designs_and_seed(
    frame: pd.DataFrame, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two data sets of the study again: its intervals are in the shipped sample of limits."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    study = script("coverage_study")
    designs = study.designs()
    kept = np.load(FOLDER / "sample.npz")["limits"]
    settings = {**study.SETTINGS, "datasets": 1}
    again = bm.coverage_study(designs[::7], types=study.TYPES, **settings)
    assert facts["datasets"] == study.SETTINGS["datasets"]
    assert len(frame) == len(designs) * 2 * len(study.TYPES) * 5
    # Another NumPy or BLAS may move an optimum by its own accuracy.
    np.testing.assert_allclose(again.limits[:, 0], kept[::7, 0], rtol=1e-5, atol=1e-6)
