"""Translated from 05_parametric_bootstrap.R by `parity translate`."""

import numpy as np
import pybootmlm as bm
from scipy import special

# lme4's bootstrap with a statistic of one's own, and boot's intervals

sleepstudy = bm.load_dataset("sleepstudy")
fm = bm.lmer("Reaction ~ Days + (1 | Subject)", sleepstudy, reml=False)


def icc(x):
    v = x.varcorr.to_frame()["vcov"]
    return v.iloc[0] / v.sum()


print(icc(fm))

rng = bm.RStream(101)
boo = bm.bootstrap_mer(fm, icc, nsim=199, type="parametric", rng=rng)
print(boo)
print(np.std(boo.t[:, 0], ddof=1))
print(np.quantile(boo.t[:, 0], [0.025, 0.975]))
print(bm.boot_ci(boo, conf=[0.9, 0.95], type=["norm", "basic", "perc"]))

# On the scale of the logit, carried back
print(
    bm.boot_ci(
        boo,
        type="norm",
        h=special.logit,
        hdot=lambda u: 1 / (u - u ** 2),
        hinv=special.expit,
    )
)

# A seed given to bootMer() begins the stream anew
rng = bm.RStream(7)
both = bm.bootstrap_mer(
    fm, lambda x: np.r_[x.fixef, x.sigma], nsim=99, type="parametric", rng=rng
)
print(np.array([np.std(column, ddof=1) for column in both.t.T]))
print(fm.confint(method="boot", nsim=99, boot_type="basic", rng=rng))
