"""Translated from 10_profiles.R by `parity translate`."""

import pybootmlm as bm

# Profile likelihood: limits of standard deviations and fixed effects

Dyestuff2 = bm.load_dataset("Dyestuff2")
fm = bm.lmer("Yield ~ 1 + (1 | Batch)", Dyestuff2, reml=False)
print(fm.is_singular())
Pastes = bm.load_dataset("Pastes")
fm = bm.lmer("strength ~ 1 + (1 | batch / cask)", Pastes, reml=False)
print(fm.ngrps)
pr = fm.profile(which=[".sig01", ".sigma"])
print(pr.confint())
print(fm.confint(parm="(Intercept)"))
print(fm.confint(level=0.8, old_names=False))
print(fm.confint(parm="beta_", method="Wald").sum(axis=1))
