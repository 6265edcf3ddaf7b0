"""What the definitions of the intervals imply, and what is refused."""

import warnings
from dataclasses import replace

import mpmath
import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.bootstrap.intervals.bca import acceleration, adjusted, bias_correction
from pybootmlm.bootstrap.intervals.quantiles import norm_inter
from pybootmlm.exceptions import ArgumentError, IntervalWarning, StatisticError

LEVELS = (0.5, 0.9, 0.95)
SYMMETRIC = np.array([-2.0, -1.0, 1.0, 2.0])  # no acceleration


def limits(boot, type, **arguments):  # noqa: A002
    found = bm.boot_ci(boot, type=type, conf=LEVELS, **arguments).to_frame()
    return found[["lower", "upper"]].to_numpy()


def one(t, t0=0.0):
    values = np.asarray(t, dtype=float)
    return bm.BootResult(np.array([t0]), values[:, None], ("s",), "by hand", len(values))


# --- quantiles


def test_a_whole_rank_is_the_order_statistic_itself():
    t = np.random.default_rng(1).normal(size=63)  # 64 divides without rounding
    alpha = np.arange(2, 63) / 64
    found = norm_inter(t, alpha)
    np.testing.assert_array_equal(found.values, np.sort(t)[1:62])
    np.testing.assert_array_equal(found.ranks, np.arange(2, 63))
    assert not found.extreme


def test_between_ranks_the_interpolation_is_linear_in_normal_quantiles():
    """Order statistics that are normal quantiles themselves give every quantile back."""
    mpmath.mp.dps = 30
    alpha = [0.0301, 0.333, 0.77]

    def quantile(p):
        return mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(p) - 1)

    ranks = np.array([float(quantile(mpmath.mpf(i) / 100)) for i in range(1, 100)])
    found = norm_inter(ranks, np.array(alpha))
    # Quantiles of order 1, each with a few ulps of error, divided by differences of 0.03.
    np.testing.assert_allclose(found.values, [float(quantile(p)) for p in alpha], rtol=1e-13)


@pytest.mark.parametrize(
    ("alpha", "rank", "value", "extreme"),
    [
        (0.01, 0.1, 1, True),
        (0.1, 1, 1, True),
        (0.9, 9, 9, True),
        (0.97, 9.7, 9, True),
        (0.0, 0, 1, True),
        (1.0, 10, 9, True),
        (0.2, 2, 2, False),
    ],
)
def test_beyond_the_ends_the_outermost_value_is_taken_and_said(alpha, rank, value, extreme):
    found = norm_inter(np.arange(9, 0, -1.0), np.array([alpha]))
    assert (found.ranks[0], found.values[0], found.extreme) == (rank, value, extreme)


# --- kinds


def test_normal_is_the_estimate_less_bias_plus_and_minus_standard_errors(gamma):
    t = gamma.t[np.isfinite(gamma.t[:, 0]), 0]
    found = bm.boot_ci(gamma, type="norm").intervals[0]
    middle, half = (found.upper + found.lower) / 2, (found.upper - found.lower) / 2
    assert middle == pytest.approx(2 * 2.9 - t.mean(), rel=1e-14)
    # The 0.975 quantile as printed in tables, to 15 digits.
    assert half == pytest.approx(1.959963984540054 * t.std(ddof=1), rel=1e-14)


def test_basic_is_percentile_reflected_in_the_estimate(gamma):
    reflected = 2 * 2.9 - limits(gamma, "perc")[:, ::-1]
    np.testing.assert_allclose(limits(gamma, "basic"), reflected, rtol=1e-14)


def test_studentised_with_equal_variances_is_basic():
    t = np.random.default_rng(5).normal(size=199)
    boot = one(t, 0.1)
    found = limits(boot, "stud", var_t0=0.3, var_t=np.full(199, 0.3))
    np.testing.assert_allclose(found, limits(boot, "basic"), rtol=1e-13)


def test_bca_without_adjustments_is_percentile():
    t = np.random.default_rng(6).normal(size=200)
    boot = one(t, float(np.median(t)))  # half of them below: w = 0
    assert bias_correction(boot.t0[0], t) == 0
    # pnorm(qnorm(alpha)) is alpha but for an ulp, which moves a rank by 1e-14.
    np.testing.assert_allclose(limits(boot, "bca", L=SYMMETRIC), limits(boot, "perc"), rtol=1e-12)


def test_bca_with_bias_only_is_efrons_bc():
    """With a = 0 the probabilities are Phi(2 w + z)."""
    w, alpha = 0.3, np.array([0.025, 0.05, 0.975])
    expected = [float(mpmath.ncdf(2 * w + z)) for z in map(float, normal_quantiles(alpha))]
    np.testing.assert_allclose(adjusted(alpha, w, 0.0), expected, rtol=1e-14)


def normal_quantiles(alpha):
    return [mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(float(p)) - 1) for p in alpha]


def test_acceleration_of_exponential_data_is_a_third_of_the_root_of_n():
    """For the mean, a is skewness / (6 sqrt(n)): 2 / (6 sqrt(n)) for the exponential."""
    n = 200_000
    L = np.random.default_rng(2).exponential(size=n) - 1
    # By the delta method and the moments 1, 2, 9, 44, 265, n times its variance is 81.
    assert acceleration(L) * 6 * np.sqrt(n) == pytest.approx(2.0, abs=4 * np.sqrt(81 / n))


def test_acceleration_has_no_unit_and_does_not_overflow():
    L = np.array([3.0, -1.0, -2.5])
    assert acceleration(L * 1e150) == pytest.approx(acceleration(L), rel=1e-15)
    assert acceleration(L * 1e-150) == pytest.approx(acceleration(L), rel=1e-15)
    assert acceleration(-L) == pytest.approx(-acceleration(L), rel=1e-15)


@pytest.mark.parametrize("type_", ["perc", "bca"])
def test_percentile_kinds_do_not_depend_on_the_scale(gamma, influence, type_):
    """Exactly so at whole ranks; elsewhere it matters on which scale is interpolated (perc)."""
    keep = np.isfinite(gamma.t[:, 0])
    boot = one(np.append(gamma.t[keep, 0], 3.3), 2.9)  # 999: ranks are whole
    L = influence[:, 0]
    with_h = limits(boot, type_, L=L, h=np.log, hinv=np.exp)
    np.testing.assert_allclose(with_h, limits(boot, type_, L=L), rtol=1e-13)
    assert not np.allclose(
        limits(boot, "basic", h=np.log, hinv=np.exp), limits(boot, "basic"), rtol=1e-3
    ), "control: basic intervals do"


def test_a_linear_scale_changes_no_interval(gamma, influence):
    scale = {"h": lambda t: 3 * t - 7, "hdot": lambda _: 3.0, "hinv": lambda t: (t + 7) / 3}
    kinds = ["norm", "basic", "stud", "perc", "bca"]
    plain = limits(gamma, kinds, index=(0, 1), L=influence[:, 0])
    shifted = limits(gamma, kinds, index=(0, 1), L=influence[:, 0], **scale)
    np.testing.assert_allclose(shifted, plain, rtol=1e-12)


def test_coverage_of_the_mean_is_nominal():
    """Normal data, n = 40: every kind covers about 95 percent (binomial error 1 percent)."""
    rng = np.random.default_rng(8)
    runs, n, R = 400, 40, 399
    hits = dict.fromkeys(("norm", "basic", "stud", "perc", "bca"), 0)
    for _ in range(runs):
        x = rng.normal(size=n)
        resampled = x[rng.integers(n, size=(R, n))]
        t = np.column_stack([resampled.mean(axis=1), resampled.var(axis=1, ddof=1) / n])
        boot = bm.BootResult(np.array([x.mean(), x.var(ddof=1) / n]), t, ("m", "v"), "x", R)
        for i in bm.boot_ci(boot, (0, 1), L=x - x.mean()).intervals:
            hits[i.type] += i.lower < 0 < i.upper
    for kind, count in hits.items():
        # Four standard errors of 0.011; those without studentising are known to cover less.
        assert 0.95 - 0.075 < count / runs < 0.95 + 0.04, kind
    assert hits["stud"] == max(hits.values())


# --- which replicates


def test_replicates_without_a_variance_count_for_normal_and_bca_only(gamma, influence):
    t = gamma.t.copy()
    t[:50, 1] = np.nan
    boot = replace(gamma, t=t)
    pair = bm.boot_ci(boot, (0, 1), L=influence[:, 0])
    single = bm.boot_ci(boot, 0, type=["norm", "basic", "perc", "bca"], L=influence[:, 0])
    assert (pair.R, single.R) == (949, 998)
    assert pair.of("norm")[0].lower == single.of("norm")[0].lower
    assert pair.of("bca") == single.of("bca")
    assert pair.of("perc") != single.of("perc")


def test_names_and_negative_positions_are_the_same_statistics(gamma):
    by_name = bm.boot_ci(gamma, ("scale", "variance"), type="stud")
    assert by_name.intervals == bm.boot_ci(gamma, (0, 1), type="stud").intervals
    assert bm.boot_ci(gamma, -1, type="perc").name == "variance"


def test_kinds_come_in_a_fixed_order_and_levels_as_asked(gamma):
    found = bm.boot_ci(gamma, type=("perc", "norm"), conf=(0.95, 0.9)).to_frame()
    assert list(found["type"]) == ["norm", "norm", "perc", "perc"]
    assert list(found["conf"]) == [0.95, 0.9] * 2


def test_replicates_that_h_loses_are_said():
    t = np.append(np.random.default_rng(1).gamma(9.0, size=197), [0.0, -1.0])
    with pytest.warns(IntervalWarning, match="2 of 199 replicates not finite on the scale"):
        found = bm.boot_ci(one(t, 9.0), type="perc", h=np.log, hinv=np.exp)
    assert found.intervals[0].rank_lower == pytest.approx(198 * 0.025)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bm.boot_ci(one(t, 9.0), type="bca", L=SYMMETRIC, h=np.log, hinv=np.exp)


def test_all_without_variances_leaves_out_the_studentised_interval_and_says_so(gamma, influence):
    with pytest.warns(IntervalWarning, match="studentised interval is left out"):
        found = bm.boot_ci(gamma, L=influence)
    assert found.types == ("norm", "basic", "perc", "bca")


def test_extreme_order_statistics_are_said_for_each_kind():
    boot = one(np.random.default_rng(1).normal(size=30))
    with pytest.warns(IntervalWarning) as caught:
        bm.boot_ci(boot, type=["norm", "basic", "perc"])
    said = [str(w.message) for w in caught]
    assert [text.split("'")[1] for text in said] == ["basic", "perc"]
    assert all("extreme order statistics used as endpoints" in text for text in said)


# --- influence values


@pytest.fixture(scope="module")
def fitted():
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)

    def statistic(m):
        return {"mean": m.beta[0], "sigma": m.sigma}

    t0 = np.array([fit.beta[0], fit.sigma])
    t = t0 * (1 + 0.1 * np.random.default_rng(4).normal(size=(199, 2)))
    boot = bm.BootResult(t0, t, ("mean", "sigma"), "by hand", 199, fit=fit, statistic=statistic)
    return boot, bm.empinf_merm(fit, statistic)


@pytest.mark.parametrize("index", [0, 1])
def test_influence_values_come_from_the_fit_one_column_a_statistic(fitted, index):
    boot, L = fitted
    own = bm.boot_ci(boot, index, type="bca")
    for given in (L, L[["sigma", "mean"]], L.to_numpy(), L.iloc[:, index]):
        assert bm.boot_ci(boot, index, type="bca", L=given).intervals == own.intervals
    other = bm.boot_ci(boot, index, type="bca", L=L.iloc[:, 1 - index])
    assert other.intervals != own.intervals, "control: the column matters"


def test_confint_gives_each_statistic_its_own_influence_values(fitted):
    """bootmlm takes the whole matrix for every statistic: FACTS of its confint."""
    boot, L = fitted
    found = boot.confint(type="bca")
    pd.testing.assert_frame_equal(boot.confint(type="bca", L=L), found)
    for index, name in enumerate(boot.names):
        single = bm.boot_ci(boot, index, type="bca", L=L[name]).intervals[0]
        assert found.loc[name].tolist() == [single.lower, single.upper]
    all_of_it = acceleration(L.to_numpy().ravel())
    assert all_of_it != pytest.approx(acceleration(L["sigma"].to_numpy()), rel=1e-3)


def test_influence_values_of_another_number_of_clusters_are_refused(fitted):
    boot, L = fitted
    message = r"one influence value for each cluster \(6 of `Batch`\) or each of the 30 rows; got 5"
    with pytest.raises(ArgumentError, match=message):
        bm.boot_ci(boot, type="bca", L=L.iloc[:5])
    by_row = np.random.default_rng(1).normal(size=30)
    assert bm.boot_ci(boot, type="bca", L=by_row).types == ("bca",)


def test_one_column_does_not_serve_several_statistics(fitted):
    boot, L = fitted
    with pytest.raises(ArgumentError, match="one column of influence values for each of the 2"):
        boot.confint(type="bca", L=L["mean"])
    assert len(boot.confint("mean", type="bca", L=L["mean"])) == 1


# --- what is refused

REFUSED = [
    ({"index": 2}, ArgumentError, r"`index` must be the name or the position.*got 2"),
    ({"index": True}, ArgumentError, "`index` must be the name or the position"),
    ({"index": "scael"}, ArgumentError, "'scael' is not one among 'scale', 'variance'"),
    ({"index": (0, 1, 1)}, ArgumentError, "a pair of a statistic and its variance; got 3"),
    ({"conf": 95}, ArgumentError, "`conf` must lie between 0 and 1"),
    ({"conf": []}, ArgumentError, "`conf` must be a level"),
    ({"conf": "high"}, ArgumentError, "`conf` must be a level"),
    ({"type": "bac"}, ArgumentError, "`type` must be one of 'all', 'norm', 'basic', 'stud'"),
    ({"type": []}, ArgumentError, "`type` must name a kind"),
    ({"type": 3}, ArgumentError, "`type` must be one of"),
    ({"type": "stud"}, ArgumentError, "studentised interval needs the variance"),
    ({"type": "stud", "var_t0": 1.0}, ArgumentError, "studentised interval needs the variance"),
    ({"type": "bca"}, ArgumentError, r"pass `L`, such as `empinf_merm\(fit, statistic\)`"),
    ({"type": "bca", "L": np.ones((9, 3))}, ArgumentError, r"got an array of shape \(9, 3\)"),
    ({"type": "bca", "L": [1.0]}, ArgumentError, "at least 2; got 1"),
    ({"type": "bca", "L": [1.0, np.nan]}, ArgumentError, "`L` must be finite; 1 of its values"),
    ({"type": "bca", "L": np.zeros(5)}, StatisticError, "all influence values are 0"),
    ({"type": "norm", "var_t0": -1.0}, ArgumentError, "`var_t0`, a variance, must not be neg"),
    ({"type": "norm", "var_t0": np.nan}, ArgumentError, "`var_t0` must be a finite number"),
    ({"var_t": np.ones(5)}, ArgumentError, r"`var_t` must hold one number for each of the 999"),
    ({"type": "stud", "var_t0": 1, "var_t": -np.ones(999)}, ArgumentError, "smallest is -1"),
    ({"type": "stud", "var_t0": 1, "var_t": np.zeros(999)}, StatisticError, "variances are 0"),
    ({"t0": 1.0}, ArgumentError, "`t0` and `t` must be given together"),
    ({"t0": 1.0, "t": np.ones(4)}, ArgumentError, r"`t` must hold one number for each of the 999"),
    ({"h": "log"}, ArgumentError, "`h` must be a function of an array; got str"),
    ({"type": "perc", "h": float}, ArgumentError, "`h` must be a function of an array, such as"),
    ({"type": "perc", "h": lambda t: t[:3]}, ArgumentError, r"`h` must return as many numbers"),
    ({"type": "norm", "h": lambda t: np.log(t - 9)}, ArgumentError, "`h` must be finite at the e"),
    ({"type": "perc", "h": lambda t: t * np.nan}, StatisticError, "Only 0 of 998 replicates"),
    ({"type": "norm", "h": np.log, "var_t0": 1}, ArgumentError, "`hdot` must be given with `h`"),
    ({"type": "stud", "h": np.log, "index": (0, 1)}, ArgumentError, "`hdot` must be given"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED)
def test_bad_input_is_refused(gamma, arguments, error, message):
    with pytest.raises(error, match=message):
        bm.boot_ci(gamma, **arguments)


def test_a_t_of_ones_own_has_no_influence_values(fitted):
    boot, L = fitted
    with pytest.raises(ArgumentError, match="a `t` of your own needs its influence values"):
        bm.boot_ci(boot, type="bca", t0=1.0, t=boot.t[:, 0])
    own = bm.boot_ci(boot, type="bca", t0=boot.t0[1], t=boot.t[:, 1], L=L["sigma"])
    assert own.intervals == bm.boot_ci(boot, 1, type="bca").intervals


@pytest.mark.parametrize(("shift", "side"), [(100, "at or above"), (-100, "below")])
def test_replicates_on_one_side_have_no_bca_interval(shift, side):
    boot = one(np.random.default_rng(1).normal(size=99) + shift)
    with pytest.raises(
        StatisticError, match=f"w of the bca interval is infinite: all 99 replicates lie {side}"
    ):
        bm.boot_ci(boot, type="bca", L=SYMMETRIC)
    with pytest.raises(StatisticError, match="'norm' or 'basic'"):
        boot.confint(type="bca", L=SYMMETRIC)


@pytest.mark.parametrize("value", [5.0, 0.0, -3.0])
def test_constant_replicates_have_no_interval(value):
    with pytest.raises(StatisticError, match=f"All 20 replicates of 's' are equal to {value:g}"):
        bm.boot_ci(one(np.full(20, value)), type="perc")


@pytest.mark.parametrize("finite", [0, 1])
def test_nothing_follows_from_fewer_than_two_replicates(finite):
    t = np.full(20, np.nan)
    t[:finite] = 1.0
    with pytest.raises(StatisticError, match=f"at least 2 replicates.*'s' has {finite}"):
        bm.boot_ci(one(t), type="norm")


def test_an_ambiguous_name_is_refused():
    boot = bm.BootResult(np.zeros(2), np.eye(2), ("a", "a"), "by hand", 2)
    with pytest.raises(ArgumentError, match="'a' is the name of several"):
        bm.boot_ci(boot, "a", type="norm")
