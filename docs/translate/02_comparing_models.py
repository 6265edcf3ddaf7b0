"""Translated from 02_comparing_models.R by `parity translate`."""

import pandas as pd
import pybootmlm as bm
from scipy import stats

# Which random effects, which fixed effects?

sleepstudy = bm.load_dataset("sleepstudy")
m0 = bm.lmer("Reaction ~ 1 + (1 | Subject)", sleepstudy, reml=False)
m1 = bm.lmer("Reaction ~ Days + (1 | Subject)", sleepstudy, reml=False)
m2 = m1.update(". ~ . - (1 | Subject) + (Days | Subject)")
print(bm.anova(m0, m1, m2, model_names=["m0", "m1", "m2"]))
print(m2.drop1(test="Chisq"))

# The same test, step by step
chi = 2 * (m1.loglik - m0.loglik)
p = stats.chi2.sf(chi, 1)
print("chi-square", round(chi, 2))

fits = {"none": m0, "intercept": m1, "slope": m2}
print(pd.Series({name: item.aic for name, item in fits.items()}))
print(pd.Series({name: item.bic for name, item in fits.items()}))
if m2.aic < m1.aic:
    best = m2
else:
    best = m1
print(best.fixef)
