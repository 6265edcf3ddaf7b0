"""Designs that break software: a name, a formula, a frame, and where there is one an easy form.

Numbers come from our copy of R's random numbers and from single arithmetic operations, so they are
the same bits on any machine; `as_text` writes them for R without losing one.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import pybootmlm as bm

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Easy:
    """The same model as one would rather have it.

    Its criterion and `gain` is that of the awkward form. Its conditional means, times `unit` and
    with `origin` added, are those of the awkward form in the order `rows`.
    """

    formula: str
    frame: pd.DataFrame
    weights: str | None = None
    gain: float = 0.0
    unit: float = 1.0
    origin: float = 0.0
    rows: Any = None


@dataclass(frozen=True)
class Design:
    """A model and its data.

    Attributes
    ----------
    unbounded
        The criterion has no minimum: that is to be said, and there is nothing to compare.
    drowned
        lme4's criterion is mostly rounding (or an error), so that its least value is the luckiest:
        lme4 optimises the easy form instead, and `Easy.gain` is added.
    """

    name: str
    formula: str
    make: Callable[[], pd.DataFrame]
    reml: bool = True
    weights: str | None = None
    easy: Callable[[pd.DataFrame], Easy] | None = None
    unbounded: bool = False
    drowned: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        return self.make()


def normals(n: int, seed: int) -> Array:
    return np.asarray(bm.RStream(seed).rnorm(n))


def uniforms(n: int, seed: int) -> Array:
    return np.asarray(bm.RStream(seed).runif(n))


def labels(codes: NDArray[Any], prefix: str = "g") -> list[str]:
    return [f"{prefix}{code:03d}" for code in codes]


def clusters(
    sizes: list[int], seed: int, between: float = 1.0, slope: float = 0.5, within: float = 1.0
) -> pd.DataFrame:
    """Clusters with intercepts and slopes: y, x, e (a spare predictor), g."""
    code = np.repeat(np.arange(len(sizes)), sizes)
    n, J = len(code), len(sizes)
    x, e = normals(n, seed), normals(n, seed + 1)
    u, v = normals(J, seed + 2), normals(J, seed + 3)
    y = 2 + 0.5 * x + between * u[code] + slope * v[code] * x + within * normals(n, seed + 4)
    # Multiples of 2^-20, so that adding 1e8 loses nothing.
    return pd.DataFrame({"y": np.round(y * 2**20) / 2**20, "x": x, "e": e, "g": labels(code)})


def for_r(design: Design) -> tuple[str, pd.DataFrame, str | None]:
    """The formula, the data and the weights that R gets."""
    if not design.drowned:
        return design.formula, design.frame, design.weights
    assert design.easy is not None
    easy = design.easy(design.frame)
    return easy.formula, easy.frame, easy.weights


def as_text(design: Design) -> str:
    """Write a design as JSON for R: doubles in hexadecimal, factors with their levels."""
    formula, frame, weights = for_r(design)
    columns = {name: _column(frame[name]) for name in frame.columns}
    return json.dumps(
        {
            "formula": formula,
            "reml": design.reml,
            "weights": weights or "",
            "columns": columns,
        },
        ensure_ascii=False,
    )


def _column(values: pd.Series) -> Mapping[str, Any]:
    missing = values.isna().to_numpy()
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in values.cat.categories]
        kind = "ordered" if values.cat.ordered else "factor"
        texts = [str(v) for v in values]
    elif pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values):
        texts = [str(v) for v in values]
        kind = "factor"
        levels = sorted({t for t, gone in zip(texts, missing, strict=True) if not gone})
    else:
        kind, levels = "number", []
        texts = [float(v).hex() for v in values.astype("Float64").fillna(0.0)]
    shown = [None if gone else text for text, gone in zip(texts, missing, strict=True)]
    return {"kind": kind, "levels": levels, "values": shown}


def write(designs: Mapping[str, Design], folder: Path) -> None:
    for name, design in designs.items():
        (folder / f"{name}.json").write_text(as_text(design), encoding="utf-8")


def log_unit(unit: float, times: float) -> float:
    """Rise of minus twice a log-density of `times` numbers when they are measured in 1/unit."""
    return 2 * times * math.log(unit)
