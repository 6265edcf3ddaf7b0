"""Translated from 03_data_steps.R by `parity translate`."""

import numpy as np
import pandas as pd
import pybootmlm as bm

# Data steps of base R: subsets, group means, centring, factors, merging

sleepstudy = bm.load_dataset("sleepstudy")
d = sleepstudy.copy()
d = d[d["Days"] >= 2]
d = d.assign(days=d["Days"] - 2)
d = d.assign(
    mean_reaction=d["Reaction"].groupby(d["Subject"], observed=True).transform("mean")
)
d = d.assign(within=d["Reaction"] - d["mean_reaction"])
d = d.assign(z=(d["Reaction"] - d["Reaction"].mean()) / d["Reaction"].std())
d = d.assign(pace=np.where(d["mean_reaction"] > 300, "slow", "fast"))
d = d.assign(pace=d["pace"].astype(pd.CategoricalDtype(["fast", "slow"])))
d = d.assign(
    pace=d["pace"].cat.reorder_categories([
        "slow",
        *d["pace"].cat.categories.drop("slow"),
    ])
)
print(d["pace"].value_counts().sort_index())

means = (
    d
    .groupby(["pace", "Subject"], observed=True, as_index=False)["Reaction"]
    .mean()[["Subject", "pace", "Reaction"]]
)
means = means.sort_values("Reaction", ascending=False, kind="stable")
print(means.head(4))
print(d["Reaction"].groupby(d["pace"], observed=True).median())

first = d[d["days"] == 0][["Subject", "Reaction"]]
first = first.set_axis(["Subject", "baseline"], axis=1)
last = d[d["days"] == 7][["Subject", "Reaction"]]
# R's merge() leaves the order of rows with the same key open
change = (
    first
    .merge(last, on="Subject", suffixes=(".x", ".y"))
    .sort_values("Subject", kind="stable", ignore_index=True)
)
change = change.assign(gain=lambda d_: d_["Reaction"] - d_["baseline"])
print(len(change))
print(np.corrcoef(change["baseline"], change["gain"])[0, 1])
print(np.quantile(change["gain"], [0.1, 0.5, 0.9]))

fit = bm.lmer(
    "Reaction ~ days * pace + (days | Subject)", d, contrasts={"pace": "contr.sum"}
)
print(fit.fixef)
