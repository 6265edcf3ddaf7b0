"""The model's test helpers, shared from tests/lmm."""

import functools
import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import pybootmlm as bm


@pytest.fixture(scope="session")
def textbook() -> ModuleType:
    """The dense textbook model, tests/lmm/textbook.py."""
    path = Path(__file__).parents[1] / "lmm" / "textbook.py"
    spec = importlib.util.spec_from_file_location("textbook", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("textbook", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@functools.cache
def _fitted(data: str, formula: str, reml: bool, weights: str | None) -> bm.LmerFit:
    frame = bm.load_dataset(data)
    frame["w"] = 0.5 + (7 * frame.reset_index().index) % 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, frame, reml=reml, weights=weights)


@pytest.fixture(scope="session")
def fitted() -> Callable[..., bm.LmerFit]:
    """Fit a packaged data set, each model once; a column `w` can serve as weights."""

    def fit(data: str, formula: str, reml: bool = True, weights: str | None = None) -> bm.LmerFit:
        return _fitted(data, formula, reml, weights)

    return fit
