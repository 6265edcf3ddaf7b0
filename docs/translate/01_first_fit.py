"""Translated from 01_first_fit.R by `parity translate`."""

import numpy as np
import pybootmlm as bm
from scipy import stats

# A first model: how reaction times grow over days without sleep

sleepstudy = bm.load_dataset("sleepstudy")
sleepstudy.info()
fm = bm.lmer("Reaction ~ Days + (Days | Subject)", sleepstudy)
print(fm.summary())

print(fm.fixef)
print(fm.varcorr)
print(fm.ranef()["Subject"].head(3))
print(fm.sigma)

# Wald limits by hand, and by confint()
se = np.sqrt(np.diag(fm.vcov))
print(fm.fixef["Days"] + np.array([-1, 1]) * stats.norm.ppf(0.975) * se[1])
print(fm.confint(parm="beta_", method="Wald"))
