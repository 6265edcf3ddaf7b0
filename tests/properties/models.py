"""Models that Hypothesis makes: a seed and a layout in, a frame and a formula out."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import pybootmlm as bm

FORMULAS = {
    "intercepts": "y ~ x + z + (1 | g)",
    "slopes": "y ~ x + z + (x | g)",
    "uncorrelated": "y ~ x + z + (1 | g) + (0 + x | g)",
    "crossed": "y ~ x + z + (1 | g) + (1 | h)",
    "slopes and crossed": "y ~ x + z + (x | g) + (1 | h)",
}


@dataclass(frozen=True)
class Model:
    formula: str
    frame: pd.DataFrame
    reml: bool
    weights: str | None

    def fit(self, **changed: Any) -> bm.LmerFit:
        given = {
            "formula": self.formula,
            "data": self.frame,
            "reml": self.reml,
            "weights": self.weights,
            **changed,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
            return bm.lmer(given.pop("formula"), given.pop("data"), **given)


def make(seed: int, layout: str, clusters: int, reml: bool, weights: bool) -> Model:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 9, clusters)
    g = np.repeat(np.arange(clusters), sizes)
    n = g.size
    h = rng.integers(0, 4, n)
    x, z = rng.normal(size=n) + 0.5, rng.normal(size=n)
    sd = rng.choice([0.3, 1.0, 2.0], 3)
    y = 1 + x + sd[0] * rng.normal(size=clusters)[g] + sd[1] * rng.normal(size=clusters)[g] * x
    y += sd[2] * rng.normal(size=4)[h] + rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "y": y,
            "x": x,
            "z": z,
            "g": [f"g{k:02d}" for k in g],
            "h": [f"h{k}" for k in h],
            "w": rng.uniform(0.3, 3, n),
        }
    )
    return Model(FORMULAS[layout], frame, reml, "w" if weights else None)


def models(*layouts: str) -> st.SearchStrategy[Model]:
    return st.builds(
        make,
        st.integers(0, 10**6),
        st.sampled_from(layouts or tuple(FORMULAS)),
        st.integers(5, 14),
        st.booleans(),
        st.booleans(),
    )


def thetas(model: Model, fit: bm.LmerFit, seed: int) -> np.ndarray:
    """A theta well inside, diagonal entries from 0.3 to 1.3."""
    rng = np.random.default_rng(seed)
    inside = rng.uniform(-0.8, 0.8, fit.theta.size)
    diagonal = fit.labels.covariance.on_diagonal
    inside[diagonal] = 0.3 + rng.random(int(np.sum(diagonal)))
    return np.asarray(inside)
