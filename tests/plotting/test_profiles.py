"""Pictures of a profile: zeta passes the quantiles at the limits, and the density is zeta's."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import trapezoid

import pybootmlm as bm
from pybootmlm import plotting
from pybootmlm.exceptions import ArgumentError
from pybootmlm.plotting.style import FITTED


@pytest.fixture(scope="module")
def profile():
    return bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff")).profile()


def marks(ax):
    return sorted(tuple(line.get_xydata()[0]) for line in ax.lines if line.get_color() == FITTED)


def test_zeta_passes_normal_quantiles_at_the_limits_of_lme4(profile):
    # R: confint(profile(lmer(Yield ~ 1 + (1 | Batch), Dyestuff, REML = FALSE)), lme4 1.1-31.
    ax = plotting.profile_zeta(profile, parm=".sigma", level=0.95)
    (low, high) = marks(ax)
    assert low == pytest.approx((38.22998, -1.959964), abs=2e-3)
    assert high == pytest.approx((67.65770, 1.959964), abs=2e-3)
    curve = ax.lines[1].get_xydata()
    for x, z in (low, high):
        assert np.interp(x, *curve.T) == pytest.approx(z, abs=2e-3), "the curve goes through them"
        assert profile.zeta(".sigma", x) == pytest.approx(z, abs=1e-6)
    assert ax.get_xlabel() == "sigma"


def test_a_limit_at_the_end_of_the_domain_is_not_marked(profile):
    # The deviance of no batch effect is 2.33^2 above the minimum: short of the 99% quantile.
    at_99 = marks(plotting.profile_zeta(profile, parm=".sig01", level=0.99))
    assert [z > 0 for _, z in at_99] == [True]
    assert len(marks(plotting.profile_zeta(profile, parm=".sig01", level=0.95))) == 2


def test_the_root_itself_is_a_valley(profile):
    ax = plotting.profile_zeta(profile, parm="sigma", absolute=True, level=[0.5, 0.95])
    assert ax.lines[1].get_ydata().min() >= 0
    assert ax.get_ylabel() == "|zeta|"
    assert len(marks(ax)) == 4


def test_the_density_of_a_mean_is_nearly_students(profile):
    # For a mean in a balanced one-way layout the profile is that of t on n - 1 = 5 batches.
    ax = plotting.profile_density(profile, parm="(Intercept)")
    x, y = ax.lines[0].get_xydata().T
    assert trapezoid(y, x) == pytest.approx(1, abs=5e-3)
    assert x[y.argmax()] == pytest.approx(1527.5, abs=0.5)
    inside = (x >= 1486.451) & (x <= 1568.549)
    assert trapezoid(y[inside], x[inside]) == pytest.approx(0.95, abs=5e-3), "its interval"
    shaded = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert [shaded.min(), shaded.max()] == pytest.approx([1486.451, 1568.549], abs=0.7)


def test_the_density_has_the_mass_that_zeta_has(profile):
    ax = plotting.profile_density(profile, parm=".sig01")
    x, y = ax.lines[0].get_xydata().T
    zeta = [profile.zeta(".sig01", value) for value in (x[0], x[-1])]
    assert trapezoid(y, x) == pytest.approx(np.diff(stats.norm.cdf(zeta))[0], abs=5e-3)


def test_a_profile_without_points_is_refused(profile):
    empty = dataclasses.replace(profile, frame=pd.DataFrame())
    for picture in (plotting.profile_zeta, plotting.profile_density):
        with pytest.raises(ArgumentError, match=r"without points, so there are none of `\.sig01`"):
            picture(empty)
        with pytest.raises(ArgumentError, match="`parm` must be one of"):
            picture(profile, parm="tau")
        with pytest.raises(ArgumentError, match=r"`profile` must be a Profile.*got LmerFit"):
            picture(profile.fit)


def test_a_correlation_that_does_not_matter_has_no_profile_to_draw():
    data = bm.load_dataset("Dyestuff2")
    data = data.assign(x=np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], 6))
    with pytest.warns(bm.exceptions.SingularFitWarning):
        profile = bm.lmer("Yield ~ x + (x | Batch)", data).profile()
    with pytest.raises(ArgumentError, match=r"`\.sig02` \(cor_.*has no profile to draw"):
        plotting.profile_zeta(profile, parm=".sig02")
