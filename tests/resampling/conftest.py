"""Models and draws that the tests of the schemes share; each model is fitted once."""

import functools
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import as_source

# Every scheme with every option, by the name that the tests give it.
SCHEMES: dict[str, tuple[str, dict[str, bool]]] = {
    "parametric": ("parametric", {}),
    "residual": ("residual", {}),
    "residual_cgr": ("residual_cgr", {}),
    "residual_trans": ("residual_trans", {}),
    "corrected_trans": ("residual_trans", {"corrected_trans": True}),
    "reb": ("reb", {}),
    "reb_scale": ("reb", {"reb_scale": True}),
    "case": ("case", {}),
    "lv1_resample": ("case", {"lv1_resample": True}),
}


def messy(seed: int = 3) -> pd.DataFrame:
    """60 rows in 9 unequal groups, shuffled, with prior weights and a known part of the mean."""
    rng = np.random.default_rng(seed)
    g = rng.permutation(np.repeat(np.arange(9), [2, 3, 4, 5, 6, 8, 9, 11, 12]))
    x = rng.normal(size=g.size) + 1
    z = rng.normal(size=9)[g]
    y = 3 + x + 0.5 * z + rng.normal(size=9)[g] + 0.7 * rng.normal(size=9)[g] * x
    w, o = rng.uniform(0.4, 2.5, g.size), 5 * rng.normal(size=g.size)
    y += rng.normal(size=g.size) / np.sqrt(w)
    return pd.DataFrame({"y": y, "x": x, "z": z, "g": [f"g{k}" for k in g], "w": w, "o": o})


def scattered_dyestuff() -> pd.DataFrame:
    """Dyestuff with its batches scattered over the rows, as responses.R has it."""
    order = np.argsort((np.arange(1, 31) * 7) % 31)
    return bm.load_dataset("Dyestuff").iloc[order].reset_index(drop=True)


def few_schools() -> pd.DataFrame:
    """20 schools of pop_syn with 2 to 6 pupils, as responses.R has it."""
    data = bm.load_dataset("pop_syn")
    data = data[data["school"] <= 20]
    number = data.groupby("school").cumcount() + 1
    return data[number <= 2 + data["school"] % 5].reset_index(drop=True)


MADE: dict[str, Callable[[], pd.DataFrame]] = {
    "messy": messy,
    "Dyestuff scattered": scattered_dyestuff,
    "pop_syn few": few_schools,
}

# name: data, formula, options
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "intercept": ("Dyestuff", "Yield ~ 1 + (1 | Batch)", {}),
    "intercept ML": ("Dyestuff", "Yield ~ 1 + (1 | Batch)", {"reml": False}),
    "singular": ("Dyestuff2", "Yield ~ 1 + (1 | Batch)", {}),
    "slope": ("sleepstudy", "Reaction ~ Days + (Days | Subject)", {}),
    "bars": ("sleepstudy", "Reaction ~ Days + (Days || Subject)", {"reml": False}),
    "unequal": ("pop_syn few", "popular ~ sex + texp + (1 | school)", {}),
    "shuffled": ("messy", "y ~ x + z + (x | g)", {}),
    "weighted": ("messy", "y ~ x + (x | g)", {"weights": "w", "offset": "o"}),
    "weighted ML": ("messy", "y ~ x + (x || g)", {"weights": "w", "offset": "o", "reml": False}),
    "crossed": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", {}),
    "nested": ("Pastes", "strength ~ 1 + (1 | batch/cask)", {"reml": False}),
}
ONE_FACTOR = [name for name in MODELS if name not in ("crossed", "nested")]


def load(name: str) -> pd.DataFrame:
    return MADE[name]() if name in MADE else bm.load_dataset(name)


@functools.cache
def model(name: str) -> bm.LmerFit:
    data, formula, options = MODELS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, load(data), **options)


@pytest.fixture(scope="session")
def data() -> Callable[[str], pd.DataFrame]:
    """Return a data set by name: packaged, or made here."""
    return load


@pytest.fixture(scope="session")
def zoo() -> Callable[[str], bm.LmerFit]:
    """Return a fit by the name that MODELS gives it."""
    return model


@pytest.fixture(scope="session")
def scheme_of() -> Callable[[str], Any]:
    """Return a scheme by the name that SCHEMES gives it."""

    def of(name: str) -> Any:
        type_, options = SCHEMES[name]
        return resolve(type_, **options)

    return of


@pytest.fixture(scope="session")
def draw(scheme_of: Callable[[str], Any]) -> Callable[..., tuple[Any, list[Any]]]:
    """Return a plan and its draws, one batch a count."""

    def of(name: str, fit: bm.LmerFit, rng: Any, *counts: int) -> tuple[Any, list[Any]]:
        plan = scheme_of(name).plan(fit)
        return plan, list(plan.draw(as_source(rng), list(counts)))

    return of


@pytest.fixture(scope="session")
def responses() -> dict[str, Any]:
    """What responses.R recorded."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("responses.json").read_text())
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise `scheme`, `one_factor_model` and `any_model` over all of them."""
    if "scheme" in metafunc.fixturenames:
        metafunc.parametrize("scheme", list(SCHEMES))
    if "one_factor_model" in metafunc.fixturenames:
        metafunc.parametrize("one_factor_model", ONE_FACTOR)
    if "any_model" in metafunc.fixturenames:
        metafunc.parametrize("any_model", list(MODELS))
