"""Helpers of the model's tests, handed out as fixtures: the dense textbook model, cached fits."""

import functools
import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pybootmlm as bm


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def textbook() -> ModuleType:
    """The dense textbook model, tests/lmm/textbook.py."""
    return _load(Path(__file__).with_name("textbook.py"))


@functools.cache
def _fitted(data: str, formula: str, reml: bool, weights: str | None) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, bm.load_dataset(data), reml=reml, weights=weights)


@pytest.fixture(scope="session")
def fitted() -> Callable[..., bm.LmerFit]:
    """Fit a packaged data set, each model once in a session."""

    def fit(data: str, formula: str, reml: bool = True, **options: Any) -> bm.LmerFit:
        return _fitted(data, formula, reml, options.get("weights"))

    return fit
