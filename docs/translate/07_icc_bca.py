"""Translated from 07_icc_bca.R by `parity translate`."""

import numpy as np
import pybootmlm as bm

# The intraclass correlation: BCa, studentised and transformed intervals

Dyestuff = bm.load_dataset("Dyestuff")
m0 = bm.lmer("Yield ~ (1 | Batch)", Dyestuff, reml=False)


def icc(x):
    return 1 / (1 + x.theta ** (-2))


icc0 = icc(m0)
print(icc0)

rng = bm.RStream(840)
boo = bm.bootstrap_mer(m0, icc, nsim=199, type="residual_cgr", rng=rng)
inf_val = bm.empinf_mer(m0, icc)
boo_ci = bm.boot_ci(boo, type=["norm", "basic", "perc", "bca"], L=inf_val)
print(boo_ci)
print(
    boo_ci
    .to_frame()
    .loc[lambda d: d["type"] == "bca", ["conf", "rank_lower", "rank_upper", "lower", "upper"]]
    .to_numpy()[0][-2:]
)


# With its variance by the delta method, for studentised intervals
def icc_var(x):
    th = x.theta
    est = 1 / (1 + th ** (-2))
    th_var = bm.vcov_theta(x)
    return np.r_[est, (2 * th ** (-3) / (1 + th ** (-2)) ** 2) ** 2 * th_var[0, 0]]


two = bm.bootstrap_mer(m0, icc_var, nsim=99, type="residual", rng=rng)
print(two.t0)
