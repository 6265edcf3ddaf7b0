"""Translated from 13_pictures.R by `parity translate`."""

import matplotlib.pyplot as plt
import pybootmlm as bm
from scipy import stats

# Pictures: of a bootstrap, of random effects, of a profile, of residuals

Dyestuff = bm.load_dataset("Dyestuff")
fm = bm.lmer("Yield ~ 1 + (1 | Batch)", Dyestuff, reml=False)
rng = bm.RStream(1)
boo = bm.bootstrap_mer(fm, "sigma", nsim=99, type="parametric", rng=rng)
boo.plot()
fig, ax = plt.subplots()
ax.hist(boo.t[:, 0])
ax.set_title("Residual standard deviation")
# the first random effect is drawn; `factor` and `effect` choose another
bm.plotting.caterpillar(fm)
bm.plotting.residuals_fitted(fm)
pr = fm.profile(which=".sigma")
# the first parameter is drawn; `parm` chooses another
bm.plotting.profile_zeta(pr)
fig, ax = plt.subplots()
stats.probplot(fm.resid, plot=ax)

plt.show()
