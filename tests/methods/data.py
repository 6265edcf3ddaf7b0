"""The frames of data.R, made again; and models built as a record describes them."""

import functools
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

import pybootmlm as bm

Record = Mapping[str, Any]


@functools.cache
def prepared(name: str) -> pd.DataFrame:
    """A packaged data set, or one of the variants of data.R."""
    if name not in ("sleep+", "sleep NA"):
        return bm.load_dataset(name)
    d = bm.load_dataset("sleepstudy")
    i = np.arange(1, len(d) + 1)
    d["w"] = 1.0 + i % 3
    d["off"] = (i % 7) / 2
    d["sex"] = np.where(d["Subject"].cat.codes % 2 == 0, "m", "f")
    if name == "sleep NA":
        d["Days"] = d["Days"].astype(float)
        d.loc[[4, 19], "Days"] = np.nan
        d.loc[32, "Reaction"] = np.nan
    return d


@functools.cache
def _fitted(
    data: str, formula: str, reml: bool, options: tuple[tuple[str, str], ...]
) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, prepared(data), reml=reml, **dict(options))


def fit_of(case: Record) -> bm.LmerFit:
    """Our optimum of a recorded model."""
    given = {"weights": "weights", "offset": "offset", "na": "na_action"}
    options = tuple((ours, case[name]) for name, ours in given.items() if case.get(name))
    return _fitted(case["data"], case["formula"], case["reml"], options)


def at_r(case: Record) -> bm.LmerFit:
    """Our model at the theta where R stopped: what follows agrees to rounding."""
    return fit_of(case).at_theta(floats(case["theta"]))


def floats(texts: Any) -> np.ndarray:
    """Numbers from their recorded text; NA is NaN."""
    listed = texts if isinstance(texts, list) else [texts]
    return np.array([np.nan if text in ("NA", "NaN", None) else float(text) for text in listed])


def title(case: Record) -> str:
    """For the names of tests."""
    extra = "".join(f", {case[k]}" for k in ("weights", "offset", "na") if case.get(k))
    return f"{case['data']}: {case['formula']}, {'REML' if case['reml'] else 'ML'}{extra}"
