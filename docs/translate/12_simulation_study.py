"""Translated from 12_simulation_study.R by `parity translate`."""

import numpy as np
import pybootmlm as bm
from scipy import stats

# A small simulation study: does a Wald interval cover?

sleepstudy = bm.load_dataset("sleepstudy")
fm = bm.lmer("Reaction ~ Days + (1 | Subject)", sleepstudy, reml=False)
truth = fm.fixef["Days"]


def covers(m, value, level=0.95):
    se = np.sqrt(m.vcov.iloc[1, 1])
    z = stats.norm.ppf(1 - (1 - level) / 2)
    low = m.fixef.iloc[1] - z * se
    high = m.fixef.iloc[1] + z * se
    if value < low:
        return 0
    if value > high:
        return 0
    return 1


rng = bm.RStream(2024)
nsim = 8
est = np.zeros(nsim)
hits = 0
for i in range(1, nsim + 1):
    y = fm.simulate(rng=rng).iloc[:, 0]
    m = fm.refit(y)
    est[i - 1] = m.fixef["Days"]
    hits = hits + covers(m, truth)
print(np.round(est, 3))
bias = np.mean(est) - truth
print("bias %.3f, coverage %.2f\n" % (bias, hits / nsim), end="")
