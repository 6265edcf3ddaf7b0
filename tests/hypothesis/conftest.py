"""Helpers of the tests of hypotheses, handed out as fixtures."""

import functools
import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm

# Rows that fixed.R takes from the cake data, counted from 1.
GONE = [*range(1, 8), 20, 33, 34, *range(60, 71), 100, *range(150, 156), 201, 202, 240, 269]


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"hypothesis_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Models:
    """Frames and fits of a record."""

    def __init__(self) -> None:
        self._data = _load(Path(__file__).parents[1] / "methods" / "data.py")

    def floats(self, texts: Any) -> np.ndarray:
        return np.asarray(self._data.floats(texts))

    @functools.cache  # noqa: B019 (one object a session)
    def frame(self, name: str) -> pd.DataFrame:
        if name != "cake gaps":
            return self._data.prepared(name)
        return bm.load_dataset("cake").drop(index=[i - 1 for i in GONE])

    @functools.cache  # noqa: B019 (one object a session)
    def _fit(self, data: str, formula: str, reml: bool, contrasts: tuple[Any, ...]) -> bm.LmerFit:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", bm.exceptions.PybootmlmWarning)
            given = dict(contrasts) or None
            return bm.lmer(formula, self.frame(data), reml=reml, contrasts=given)

    def fit(self, case: dict[str, Any]) -> bm.LmerFit:
        """Our optimum of a recorded model."""
        contrasts = tuple((case.get("contrasts") or {}).items())
        return self._fit(case["data"], case["formula"], case["reml"], contrasts)

    def at_r(self, case: dict[str, Any]) -> bm.LmerFit:
        """Our model at the theta where R stopped."""
        return self.fit(case).at_theta(self.floats(case["theta"]))


@pytest.fixture(scope="session")
def models() -> Models:
    return Models()
