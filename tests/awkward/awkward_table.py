"""The table of awkward designs: simulated ones first, then published data."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from awkward_designs import Design, labels, log_unit, normals, uniforms
from awkward_frames import (
    EVEN,
    INTERCEPTS,
    SLOPES,
    UNEVEN,
    ages,
    cells,
    collinear,
    crossed,
    dtypes,
    half_constant,
    made,
    missing,
    moved,
    nullable,
    of_cluster,
    order,
    plain_dtypes,
    response_unit,
    same,
    sorted_again,
    spread,
    strange,
    unused_levels,
    weighed,
)

import pybootmlm as bm
from parity.independent.nist import nist_frame

N = sum(UNEVEN)
BIG = 1e8
FIVE = (1e-5, 1e-3, 1.0, 1e2, 1e5)
AGES = "y ~ months + code + (months + code | g)"
STRANGE = "`größe (cm)` ~ `if x > 0` + (`if x > 0` | `Σ|g`)"
BATCHES = "Yield ~ 1 + (1 | Batch)"


def sleep(change: Callable[[pd.DataFrame], pd.DataFrame] = lambda d: d) -> Any:
    return lambda: change(bm.load_dataset("sleepstudy"))


DESIGNS = [
    Design(
        "months beside a code",
        AGES,
        made(ages),
        reml=False,
        easy=same(AGES, lambda d: spread(d, months=1 / 1200)),
    ),
    Design(
        "months beside a code, uncorrelated",
        "y ~ months + code + (months + code || g)",
        made(ages),
        easy=same(
            "y ~ months + code + (months + code || g)",
            lambda d: spread(d, months=2.0**-10),
            gain=log_unit(2.0**-10, -1),
        ),
    ),
    Design(
        "predictor in units of 1e-8",
        SLOPES,
        made(lambda d: spread(d, x=BIG)),
        easy=same(SLOPES, lambda d: spread(d, x=1e-8), gain=log_unit(BIG, 1)),
        drowned=True,
    ),
    Design(
        "predictor in units of 1e8",
        SLOPES,
        made(lambda d: spread(d, x=1e-8)),
        easy=same(SLOPES, lambda d: spread(d, x=BIG), gain=log_unit(1e-8, 1)),
        drowned=True,
    ),
    Design(
        "slopes far from the origin",
        SLOPES,
        made(lambda d: d.assign(x=2001.0 + np.floor(10 * uniforms(len(d), 56)))),
        easy=same(SLOPES, lambda d: moved(d, x=-2005.0)),
    ),
    Design(
        "near-collinear predictors",
        "y ~ x + z + (1 | g)",
        made(lambda d: collinear(d, 2.0**-16)),
        easy=same(
            "y ~ x + z + (1 | g)",
            lambda d: d.assign(z=(d.z - d.x) * 2.0**16),
            gain=log_unit(2.0**-16, 1),
        ),
    ),
    Design(
        "near-collinear slopes",
        "y ~ x + z + (x + z | g)",
        made(lambda d: collinear(d, 2.0**-10)),
        reml=False,
        easy=same("y ~ x + z + (x + z | g)", lambda d: d.assign(z=(d.z - d.x) * 2.0**10)),
    ),
    Design(
        "responses about 1e8",
        SLOPES,
        made(lambda d: moved(d, y=BIG)),
        easy=same(SLOPES, lambda d: moved(d, y=-BIG), origin=BIG),
    ),
    Design(
        "responses about 1e8 with a spread of a thousandth",
        INTERCEPTS,
        made(lambda d: moved(d.assign(y=np.round(d.y * 1024) / 2**20), y=BIG)),
        easy=same(INTERCEPTS, lambda d: moved(d, y=-BIG), origin=BIG),
        drowned=True,
    ),
    Design(
        "responses of size 1e8",
        SLOPES,
        made(lambda d: spread(d, y=BIG)),
        easy=same(SLOPES, lambda d: spread(d, y=1e-8), **response_unit(BIG, N - 2)),
    ),
    Design(
        "responses of size 1e-8",
        SLOPES,
        made(lambda d: spread(d, y=1e-8)),
        reml=False,
        easy=same(SLOPES, lambda d: spread(d, y=BIG), **response_unit(1e-8, N)),
    ),
    Design(
        "responses of size 1e-8, crossed",
        "y ~ x + (x | g) + (1 | h)",
        made(lambda d: spread(crossed(d), y=1e-8)),
        easy=same(
            "y ~ x + (x | g) + (1 | h)", lambda d: spread(d, y=BIG), **response_unit(1e-8, N - 2)
        ),
    ),
    Design("predictor constant within clusters", "y ~ w + (w | g)", made(of_cluster)),
    Design("responses constant within half of the clusters", INTERCEPTS, made(half_constant)),
    Design("clusters of one row", INTERCEPTS, made(sizes=[1] * 40 + [5] * 10)),
    Design("one huge cluster and tiny ones", SLOPES, made(sizes=[1000] + [1, 2] * 60)),
    Design("two clusters", SLOPES, made(sizes=[20, 30])),
    Design(
        "more slopes than clusters",
        "y ~ x + (x + e + z | g)",
        made(lambda d: d.assign(z=normals(len(d), 57)), sizes=[12] * 4),
        reml=False,
    ),
    Design("tiny variance between clusters", INTERCEPTS, made(between=1e-3, slope=0.0)),
    Design(
        "small variance that many rows show",
        "y ~ 1 + (1 | g)",
        made(between=0.03, slope=0.0, sizes=[300] * 12),
    ),
    Design("tiny variance within clusters", SLOPES, made(within=1e-4)),
    Design("no variance of the intercepts", "y ~ x + (x | g)", made(between=0.0, seed=21)),
    Design("no variance of the slopes", SLOPES, made(slope=0.0, seed=31)),
    Design(
        "slopes that are twice the intercepts",
        SLOPES,
        made(lambda d: d.assign(y=np.round((1 + 2 * d.x) * 2**20) / 2**20 * of_cluster(d).w + d.e)),
    ),
    Design(
        "perfect fit",
        INTERCEPTS,
        made(lambda d: d.assign(y=d.g.str[1:].astype(float)), sizes=EVEN),
        unbounded=True,
    ),
    Design(
        "weights over ten orders of magnitude",
        INTERCEPTS,
        made(lambda d: weighed(d, FIVE)),
        weights="w",
        easy=same(INTERCEPTS, lambda d: spread(d, w=2.0**10), weights="w"),
    ),
    Design(
        "slopes and weights over ten orders",
        SLOPES,
        made(lambda d: weighed(d, FIVE)),
        weights="w",
        reml=False,
    ),
    Design(
        "crossed, weights over ten orders",
        "y ~ x + (1 | g) + (1 | h)",
        made(lambda d: weighed(crossed(d), FIVE)),
        weights="w",
    ),
    Design(
        "one column twice",
        "y ~ x + z + (1 | g)",
        made(lambda d: d.assign(z=2 * d.x + 1)),
        easy=same(INTERCEPTS, lambda d: d),
    ),
    Design(
        "cells without rows",
        "y ~ a * b + (1 | g)",
        made(cells),
        easy=same("y ~ ab - 1 + (1 | g)", lambda d: d.assign(ab=d.a + d.b)),
    ),
    Design(
        "levels without rows",
        "y ~ f + (1 | g)",
        made(unused_levels),
        easy=same("y ~ f + (1 | g)", lambda d: d.astype({"f": str, "g": str})),
    ),
    Design(
        "strange names and levels",
        STRANGE,
        made(strange),
        easy=same(
            SLOPES,
            lambda d: d.set_axis(["y", "x", "g"], axis=1).assign(
                g=labels(pd.factorize(d["Σ|g"])[0])
            ),
        ),
    ),
    Design(
        "unsorted rows",
        SLOPES,
        made(lambda d: d.iloc[order(d)]),
        easy=sorted_again,
    ),
    Design(
        "missing values everywhere",
        SLOPES,
        made(missing),
        weights="w",
        easy=same(SLOPES, lambda d: d.dropna(), weights="w"),
    ),
    Design(
        "integers and booleans",
        "y ~ x + b + (x | g)",
        made(dtypes),
        easy=same("y ~ x + b + (x | g)", plain_dtypes),
    ),
    Design(
        "nullable dtypes",
        "y ~ x + b + (x | g)",
        made(nullable),
        easy=same("y ~ x + b + (x | g)", plain_dtypes),
    ),
    Design("no fixed effects", "y ~ 0 + (x | g)", made()),
    Design(
        "a slope whose predictor is zero in most clusters",
        "y ~ x + (0 + x | g)",
        made(lambda d: d.assign(x=np.where(d.g < "g025", 0.0, d.x))),
    ),
    Design(
        "an outlier of a million",
        SLOPES,
        made(lambda d: d.assign(y=np.where(np.arange(len(d)) == 17, 1e6, d.y))),
    ),
    Design("a third factor of nothing", "y ~ x + (1 | g) + (1 | h) + (1 | k)", made(crossed)),
    Design(
        "sleepstudy, days far from zero",
        "Reaction ~ Days + (Days | Subject)",
        sleep(lambda d: moved(d, Days=1e4)),
        easy=same("Reaction ~ Days + (Days | Subject)", lambda d: moved(d, Days=-1e4)),
    ),
    Design(
        "sleepstudy, a square far from zero",
        "Reaction ~ d + d2 + (d + d2 | Subject)",
        sleep(lambda d: d.assign(d=d.Days + 2000, d2=(d.Days + 2000) * (d.Days + 2000))),
        reml=False,
        easy=same(
            "Reaction ~ d + d2 + (d + d2 | Subject)",
            lambda d: d.assign(d=d.Days - 4.5, d2=(d.Days - 4.5) * (d.Days - 4.5)),
        ),
        drowned=True,
    ),
    Design("Dyestuff2, at the boundary", BATCHES, lambda: bm.load_dataset("Dyestuff2")),
    Design(
        "Dyestuff2, in units of 1e8",
        BATCHES,
        lambda: bm.load_dataset("Dyestuff2").assign(Yield=lambda d: d.Yield * 1e-8),
        reml=False,
        easy=same(BATCHES, lambda d: spread(d, Yield=BIG), **response_unit(1e-8, 30)),
    ),
    Design(
        "Penicillin about 1e8",
        "diameter ~ 1 + (1 | plate) + (1 | sample)",
        lambda: moved(bm.load_dataset("Penicillin"), diameter=BIG),
        easy=same(
            "diameter ~ 1 + (1 | plate) + (1 | sample)",
            lambda d: moved(d, diameter=-BIG),
            origin=BIG,
        ),
    ),
    Design(
        "Pastes, nested in any order",
        "strength ~ 1 + (1 | batch / cask)",
        lambda: bm.load_dataset("Pastes").iloc[order(bm.load_dataset("Pastes"))],
    ),
    Design(
        "Oxide, three levels",
        "Thickness ~ Source + (1 | Lot / Wafer)",
        lambda: bm.load_dataset("Oxide"),
    ),
    Design(
        "cake, slopes of an ordered factor",
        "angle ~ temp + (temp | replicate) + (1 | recipe)",
        lambda: bm.load_dataset("cake"),
    ),
    Design(
        "Orthodont, ages far from zero",
        "distance ~ age * Sex + (age | Subject)",
        lambda: moved(bm.load_dataset("Orthodont"), age=1e3),
        easy=same("distance ~ age * Sex + (age | Subject)", lambda d: moved(d, age=-1e3)),
    ),
    *(
        Design(name, "response ~ 1 + (1 | treatment)", lambda name=name: nist_frame(name))
        for name in ("NIST/SiRstv", "NIST/SmLs01", "NIST/SmLs04", "NIST/SmLs07")
    ),
]
BY_FILE = {f"{number:02d}": design for number, design in enumerate(DESIGNS)}
