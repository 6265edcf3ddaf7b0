"""Translated from 06_residual_bootstraps.R by `parity translate`."""

import numpy as np
import pybootmlm as bm

# bootmlm's bootstraps of residuals and of whole clusters, in one stream

sleepstudy = bm.load_dataset("sleepstudy")
m0 = bm.lmer("Reaction ~ Days + (1 | Subject)", sleepstudy, reml=False)


def est(x):
    return np.r_[x.beta, x.sigma]


rng = bm.RStream(85957)
types = ["residual", "residual_cgr", "residual_trans", "reb"]
boo_res = bm.bootstrap_mer(m0, est, nsim=99, type="residual", rng=rng)
boo_cgr = bm.bootstrap_mer(m0, est, nsim=99, type="residual_cgr", rng=rng)
boo_tra = bm.bootstrap_mer(
    m0, est, nsim=99, type="residual_trans", corrected_trans=True, rng=rng
)
boo_reb = bm.bootstrap_mer(m0, est, nsim=99, type="reb", reb_scale=True, rng=rng)
boo_cas = bm.bootstrap_mer(m0, est, nsim=99, type="case", lv1_resample=True, rng=rng)

boos = [boo_res, boo_cgr, boo_tra, boo_reb, boo_cas]
ses = np.array([np.std(b.t[:, 1], ddof=1) for b in boos])
print(np.round(ses, 3))
for b in boos:
    print(bm.boot_ci(b, index=1, type="perc"))
