"""Translated from 08_influence.R by `parity translate`."""

import numpy as np
import pybootmlm as bm

# Influence of clusters, scores, asymptotic covariances

Orthodont = bm.load_dataset("Orthodont")
fm = bm.lmer("distance ~ age + (1 | Subject)", Orthodont, reml=False)


def sds(x):
    return x.varcorr.to_frame()["sdcor"]


print(bm.empinf_merm(fm, sds).head(3))
print(bm.vcov_vc(fm))
print(bm.vcov_vc(fm, sd_cor=False))
dd = bm.devfun_mer(fm)
print(dd(np.r_[fm.theta, fm.sigma]))
scores = bm.scores_mer(fm)
print(scores.mean(axis=0))

rng = bm.RStream(3)
boo = bm.bootstrap_mer(fm, sds, nsim=99, type="case", rng=rng)
print(boo.confint(type="perc"))
print(bm.boot_ci(boo, index=1, type="bca", L=bm.empinf_mer(fm, sds, index=1)))
