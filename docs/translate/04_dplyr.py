"""Translated from 04_dplyr.R by `parity translate`."""

import numpy as np
import pandas as pd
import pybootmlm as bm

# The same with dplyr, by both pipes

sleepstudy = bm.load_dataset("sleepstudy")
pupils = (
    sleepstudy[(sleepstudy["Days"] > 1) & (sleepstudy["Reaction"] < 450)]
    .assign(
        level=lambda d: d["Reaction"]
        .groupby(d["Subject"], observed=True)
        .transform("mean"),
        dev=lambda d: d["Reaction"] - d["Reaction"]
        .groupby(d["Subject"], observed=True)
        .transform("mean"),
        n=lambda d: d["Subject"].groupby(d["Subject"], observed=True).transform("size"),
    )
    .assign(
        days=lambda d: d["Days"] - d["Days"].mean(),
        fast=lambda d: np.where(d["level"] < 300, 1, 0),
    )[["Subject", "Reaction", "days", "level", "dev", "fast"]]
)

by_subject = (
    pupils
    .groupby("Subject", observed=True, as_index=False)
    .agg(m=("Reaction", "mean"), s=("Reaction", "std"), rows=("Subject", "size"))
    .sort_values("m", ascending=False, kind="stable")
    .head()
)
print(by_subject)

rng = bm.RStream(85957)
rows = pupils[pupils["Subject"].isin(rng.sample(pupils["Subject"].unique(), 9))]
sub = pd.concat(
    part.iloc[rng.sample_index(len(part), round(len(part) * 0.5))]
    for _, part in rows.groupby("Subject", observed=True)
)
fit = bm.lmer("Reaction ~ days + (1 | Subject)", sub, reml=False)
print(fit.summary())
