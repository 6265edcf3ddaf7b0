"""The model's test helpers, shared from tests/lmm."""

import functools
import warnings
from collections.abc import Callable

import pytest

import pybootmlm as bm


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
