"""Translated from 09_random_numbers.R by `parity translate`."""

import pybootmlm as bm

# One stream through the script: R's draws are kept

rng = bm.RStream(42)
u = rng.runif(3)
z = rng.rnorm(5, mean=10, sd=2)
sleepstudy = bm.load_dataset("sleepstudy")
ids = rng.sample(sleepstudy["Subject"].unique(), 6)
coin = rng.sample(["head", "tail"], 5, replace=True)
dice = rng.sample_int(6, 10, replace=True)
sub = sleepstudy[sleepstudy["Subject"].isin(ids)]
rows = sleepstudy.iloc[rng.sample_index(len(sleepstudy), 5)]
print(rows)

fit = bm.lmer("Reaction ~ Days + (1 | Subject)", sub, reml=False)
y = fit.simulate(2, rng=rng)
print(y.head(3))
again = fit.refit(y.iloc[:, 0])
print(again.fixef)

rng = bm.RStream(42)
print(u == rng.runif(3))
