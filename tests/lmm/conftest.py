"""Helpers of the model's tests, handed out as fixtures: the dense textbook model, cached fits."""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import pybootmlm as bm


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
