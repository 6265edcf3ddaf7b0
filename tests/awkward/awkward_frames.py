"""How frames of the awkward designs are made: clusters, and what is done to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from awkward_designs import Easy, clusters, labels, log_unit, normals, uniforms

EVEN, UNEVEN = [6] * 20, [1 + (5 * j) % 9 for j in range(30)]
SLOPES, INTERCEPTS = "y ~ x + (x | g)", "y ~ x + (1 | g)"


@dataclass(frozen=True)
class Made:
    """Clusters changed by `change`; called, so that every test has its own frame."""

    change: Callable[[pd.DataFrame], pd.DataFrame]
    sizes: tuple[int, ...] = tuple(UNEVEN)
    seed: int = 1
    between: float = 1.0
    slope: float = 0.5
    within: float = 1.0

    def __call__(self) -> pd.DataFrame:
        return self.change(
            clusters(list(self.sizes), self.seed, self.between, self.slope, self.within)
        )


def made(change: Callable[[pd.DataFrame], pd.DataFrame] = lambda d: d, **options: Any) -> Made:
    return Made(change, **{**options, "sizes": tuple(options.get("sizes", UNEVEN))})


def ages(d: pd.DataFrame) -> pd.DataFrame:
    """Months up to 1200 beside a code of 0 and 1."""
    months = np.floor(1200 * uniforms(len(d), 51))
    code = (uniforms(len(d), 52) < 0.5).astype(float)
    return d.assign(months=months, code=code, y=d.y + months / 256 + code)


def of_cluster(d: pd.DataFrame) -> pd.DataFrame:
    """A predictor that is constant within clusters."""
    codes = d.g.str[1:].astype(int).to_numpy()
    return d.assign(w=normals(codes.max() + 1, 53)[codes])


def half_constant(d: pd.DataFrame) -> pd.DataFrame:
    """Responses without any spread in every other cluster."""
    code = d.g.str[1:].astype(int)
    first = d.groupby("g")["y"].transform("first")
    return d.assign(y=np.where(code % 2 == 0, first, d.y))


def weighed(d: pd.DataFrame, powers: tuple[float, ...]) -> pd.DataFrame:
    return d.assign(w=np.resize(powers, len(d)))


def missing(d: pd.DataFrame) -> pd.DataFrame:
    """A hole in every column, in other rows; one row without anything."""
    out = d.assign(w=1 + uniforms(len(d), 54))
    for k, name in enumerate(("y", "x", "g", "w")):
        out.loc[3 + 7 * k :: 29, name] = np.nan if name != "g" else None
    out.loc[0] = [np.nan, np.nan, np.nan, None, np.nan]
    return out


def dtypes(d: pd.DataFrame) -> pd.DataFrame:
    """Small integers and booleans."""
    return d.assign(
        y=np.round(4 * d.y).astype("int16"),
        x=np.round(2 * d.x).astype("int8"),
        b=d.e.to_numpy() > 0,
        g=d.g.str[1:].astype("uint8"),
    )


def nullable(d: pd.DataFrame) -> pd.DataFrame:
    out = dtypes(d).astype({"y": "Int32", "x": "Float64", "b": "boolean", "g": "string"})
    out.loc[2, "y"], out.loc[4, "x"], out.loc[6, "b"], out.loc[8, "g"] = [pd.NA] * 4
    return out


def plain_dtypes(d: pd.DataFrame) -> pd.DataFrame:
    out = d.dropna()
    return out.assign(
        y=out.y.astype(float),
        x=out.x.astype(float),
        b=np.where(out.b.astype(bool), "yes", "no"),
        g=[f"c{text}" for text in out.g],
    )


def unused_levels(d: pd.DataFrame) -> pd.DataFrame:
    third = np.resize(["low", "middle", "high"], len(d))
    return d.assign(
        g=pd.Categorical(d.g, ["none", *sorted(set(d.g), reverse=True), "nobody"]),
        f=pd.Categorical(third, ["empty", "low", "void", "middle", "high"]),
    )


def strange(d: pd.DataFrame) -> pd.DataFrame:
    names = ["", " ", "a:b", "a/b", "α β", "日本", "NA.", "(1 | g)", "`", "%", "naïve", "TRUE"]
    code = d.g.str[1:].astype(int).to_numpy()
    return pd.DataFrame(
        {
            "größe (cm)": d.y,
            "if x > 0": d.x,
            "Σ|g": np.array([f"{names[c % 12]}{c // 12 or ''}" for c in code], dtype=object),
        }
    )


def crossed(d: pd.DataFrame) -> pd.DataFrame:
    return d.assign(h=labels(np.arange(len(d)) * 7 % 5, "h"), k=labels(np.arange(len(d)) % 3, "k"))


def cells(d: pd.DataFrame) -> pd.DataFrame:
    """Two factors of which one combination never occurs."""
    a, b = np.arange(len(d)) % 3, np.arange(len(d)) // 3 % 2
    return d.assign(a=labels(a, "a"), b=labels(np.where(a == 2, 0, b), "b"))


def collinear(d: pd.DataFrame, distance: float) -> pd.DataFrame:
    return d.assign(z=d.x + distance * d.e)


def spread(d: pd.DataFrame, **factors: float) -> pd.DataFrame:
    return d.assign(**{name: d[name] * factor for name, factor in factors.items()})


def moved(d: pd.DataFrame, **origins: float) -> pd.DataFrame:
    return d.assign(**{name: d[name] + origin for name, origin in origins.items()})


def same(formula: str, change: Callable[[pd.DataFrame], pd.DataFrame], **how: Any) -> Any:
    """An easy form with `formula`, of the frame after `change`."""

    def easy(frame: pd.DataFrame) -> Easy:
        return Easy(formula, change(frame), **how)

    return easy


def order(d: pd.DataFrame) -> np.ndarray:
    return np.argsort(uniforms(len(d), 55), kind="stable")


def sorted_again(d: pd.DataFrame) -> Easy:
    back = np.argsort(d.g.to_numpy(), kind="stable")
    return Easy(SLOPES, d.iloc[back].reset_index(drop=True), rows=np.argsort(back))


def response_unit(unit: float, df: int) -> dict[str, float]:
    return {"unit": unit, "gain": log_unit(unit, df)}
