"""Translated from 11_predictions.R by `parity translate`."""

import numpy as np
import pandas as pd
import pybootmlm as bm

# Predictions for rows of one's own, with and without random effects

sleepstudy = bm.load_dataset("sleepstudy")
fm = bm.lmer("Reaction ~ Days + (Days | Subject)", sleepstudy, reml=False)
new = (
    pd.MultiIndex.from_product([["308", "335"], [0, 5, 10]], names=["Subject", "Days"])
    .to_frame(index=False)[["Days", "Subject"]]
    .astype({"Subject": pd.CategoricalDtype(["308", "335"])})
)
new = new.assign(known=fm.predict(new).to_numpy())
new = new.assign(mean=fm.predict(new, re_form="~0").to_numpy())
new = new.assign(shift=new["known"] - new["mean"])
print(new)

other = pd.DataFrame({"Days": [3], "Subject": ["somebody"]})
print(fm.predict(other, allow_new_levels=True))
worst = sleepstudy.iloc[[int(np.argmax(np.abs(fm.resid)))]]
print(worst)
print(np.corrcoef(fm.fitted, sleepstudy["Reaction"])[0, 1] ** 2)


def rmse(m):
    return np.sqrt((m.resid ** 2).mean())


print(rmse(fm))
print(bm.lmer("Reaction ~ Days + (1 | Subject)", sleepstudy).cooks_distance.head(3))
