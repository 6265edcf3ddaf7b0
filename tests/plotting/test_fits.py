"""Pictures of a fit: what is drawn, against numbers from elsewhere."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import pybootmlm as bm
from pybootmlm import plotting
from pybootmlm.exceptions import ArgumentError
from pybootmlm.plotting.residuals_scale import EXPECTED
from pybootmlm.plotting.style import DATA, FAINT


@pytest.fixture(scope="module")
def sleep():
    return bm.load_dataset("sleepstudy")


@pytest.fixture(scope="module")
def fit(sleep):
    return bm.lmer("Reaction ~ Days + (Days | Subject)", sleep)


@pytest.fixture(scope="module")
def profile():
    return bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff")).profile()


@pytest.fixture(scope="module")
def wide():
    """Five hundred groups with long names that differ in one word, some of a single row."""
    rng = np.random.default_rng(1)
    g = np.r_[np.arange(500), rng.integers(0, 480, 1500)]
    frame = pd.DataFrame(
        {
            "y": rng.normal(size=500)[g] + rng.normal(size=2000),
            "x": rng.normal(size=2000),
            "arm": rng.choice(["$control$", "treated with a very long description of it"], 2000),
            "g": [f"Institution number {i} of the northern district" for i in g],
        }
    )
    return bm.lmer("y ~ x * arm + (1 | g)", frame)


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def points(ax, which=None):
    """Coordinates of all markers, or of those with a colour."""
    lines = [line for line in ax.lines if line.get_marker() not in ("None", None, "")]
    if which is not None:
        lines = [line for line in lines if line.get_color() == which]
    return np.vstack([line.get_xydata() for line in lines])


def test_a_caterpillar_has_the_modes_and_intervals_of_lme4(fit):
    # R: as.data.frame(ranef(fit, condVar = TRUE)) of lme4 1.1-31, term Days, Subjects 308 and 335.
    ax = plotting.caterpillar(fit, effect="Days")
    place = {label: k for k, label in enumerate(labels(ax.yaxis))}
    drawn = {round(y): x for x, y in points(ax)}
    assert drawn[place["308"]] == pytest.approx(9.1989758, abs=2e-4)
    assert drawn[place["335"]] == pytest.approx(-10.7521652, abs=2e-4)
    segments = np.vstack([c.get_segments() for c in ax.collections])
    half = {round(s[0, 1]): (s[1, 0] - s[0, 0]) / 2 for s in segments}
    assert half[place["308"]] == pytest.approx(1.959964 * 2.304839, abs=1e-3)
    assert [place[one] for one in ("335", "308")] == [0, 17], "sorted by the modes"
    wide_of = plotting.caterpillar(fit, effect=1, level=0.5).collections[0].get_segments()[0]
    assert wide_of[1, 0] - wide_of[0, 0] == pytest.approx(2 * 0.6744898 * 2.304839, abs=1e-3)


def test_intervals_without_zero_are_in_full_colour(fit):
    ax = plotting.caterpillar(fit, effect="Days")
    effects = fit.ranef(cond_var=True)
    modes, errors = effects["Subject"]["Days"], effects.std_errors["Subject"]["Days"]
    clear = modes[modes.abs() > 1.9599639845 * errors]
    assert sorted(points(ax, DATA)[:, 0]) == pytest.approx(sorted(clear))
    assert len(points(ax, FAINT)) == 18 - len(clear)
    assert 0 < len(clear) < 18, "control: there are both kinds"


def test_levels_in_their_own_order_run_down_from_the_top(fit):
    ax = plotting.caterpillar(fit, sort=False)
    assert labels(ax.yaxis)[::-1] == list(fit.ranef()["Subject"].index)


def test_many_levels_have_few_labels_that_still_tell_them_apart(wide):
    ax = plotting.caterpillar(wide)
    texts = labels(ax.yaxis)
    assert 10 <= len(texts) <= 40
    assert len(set(texts)) == len(texts)
    assert all(text.startswith("…") and text.endswith("…") for text in texts)
    assert len(points(ax)) == 500
    assert "500 levels" in ax.get_title()


def test_shrinkage_goes_from_each_subjects_own_line_to_the_models(fit, sleep):
    # Each subject's own line: numpy's polynomial fit of its ten rows.
    ax = plotting.shrinkage(fit)
    own = {
        subject: np.polyfit(rows["Days"], rows["Reaction"], 1)[::-1]
        for subject, rows in sleep.groupby("Subject", observed=True)
    }
    alone, partial = (line.get_xydata() for line in ax.lines[:2])
    order = list(fit.ranef()["Subject"].index)
    assert np.allclose(alone, [own[one] for one in order], rtol=1e-9)
    modelled = fit.fixef.to_numpy() + fit.ranef()["Subject"].to_numpy()
    assert np.allclose(partial, modelled, rtol=1e-12)
    assert np.allclose(ax.lines[-1].get_xydata(), [[251.405105, 10.467286]], atol=1e-5)
    # Theory: a matrix shrinks the differences from complete pooling, none of them to beyond it.
    assert np.linalg.norm(partial - modelled.mean(0)) < np.linalg.norm(alone - alone.mean(0))


def test_shrinkage_of_one_effect_is_that_of_the_balanced_layout():
    # One-way layout, balanced: mode = n tau^2 / (n tau^2 + sigma^2) of the group mean's deviation.
    data = bm.load_dataset("Dyestuff")
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", data)
    ax = plotting.shrinkage(fit)
    alone, partial = (line.get_xdata() for line in ax.lines[:2])
    means = data.groupby("Batch", observed=True)["Yield"].mean()
    assert sorted(alone) == pytest.approx(sorted(means))
    ratio = 5 * fit.theta[0] ** 2 / (5 * fit.theta[0] ** 2 + 1)
    assert partial - 1527.5 == pytest.approx(ratio * (alone - 1527.5), abs=1e-9)


def test_levels_without_an_estimate_of_their_own_are_counted(sleep):
    one = sleep[(sleep["Subject"] != "308") | (sleep["Days"] == 3)]
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", one)
    ax = plotting.shrinkage(fit)
    assert "18 levels of Subject; 1 without an estimate of their own" in ax.get_title()
    assert len(ax.lines[0].get_xdata()) == 17
    with pytest.raises(ArgumentError, match="`effects` must be one or two; got"):
        plotting.shrinkage(fit, effects=[0, 1, 0])


def test_a_weighted_fit_shrinks_towards_weighted_means(sleep):
    data = sleep.assign(w=np.tile([1.0, 3.0], 90))
    fit = bm.lmer("Reaction ~ 1 + (1 | Subject)", data, weights="w")
    alone = plotting.shrinkage(fit).lines[0].get_xdata()
    means = data.groupby("Subject", observed=True)[["Reaction", "w"]].apply(
        lambda d: np.average(d["Reaction"], weights=d["w"])
    )
    assert sorted(alone) == pytest.approx(sorted(means))


def test_predictions_have_the_line_and_band_of_the_fixed_effects(fit, sleep):
    ax = plotting.predictions(fit, "Days", levels=True, level=0.9)
    # R: fixef and sqrt(diag(X vcov X')) at 0 and 9 days, lme4 1.1-31.
    X = np.array([[1.0, 0.0], [1.0, 9.0]])
    mean = X @ np.array([251.405105, 10.467286])
    vcov = np.array([[46.575120, -1.451088], [-1.451088, 2.389466]])
    half = 1.644854 * np.sqrt(np.diag(X @ vcov @ X.T))
    line = ax.lines[-1].get_xydata()
    assert line[[0, -1]] == pytest.approx(np.column_stack([[0, 9], mean]), rel=1e-6)
    band = ax.collections[0].get_paths()[0].vertices
    for day, centre, width in zip((0, 9), mean, half, strict=True):
        there = band[np.isclose(band[:, 0], day), 1]
        assert [there.min(), there.max()] == pytest.approx(
            [centre - width, centre + width], rel=1e-4
        )
    data = ax.lines[0].get_xydata()
    assert np.array_equal(data, sleep[["Days", "Reaction"]].to_numpy(dtype=float))
    levels = ax.lines[1].get_xydata()
    first = fit.coef()["Subject"].loc["308"]
    assert levels[0] == pytest.approx([0, first["(Intercept)"]])
    assert np.isnan(levels[15]).all(), "a gap between levels"
    assert levels[14] == pytest.approx([9, first["(Intercept)"] + 9 * first["Days"]])


def test_predictions_of_a_factor_have_a_point_and_an_interval_each():
    cake = bm.load_dataset("cake")
    fit = bm.lmer("angle ~ recipe + temperature + (1 | recipe:replicate)", cake)
    ax = plotting.predictions(fit, "temperature", by="recipe", points=False)
    assert labels(ax.xaxis) == ["175", "185", "195", "205", "215", "225"]
    # Balanced and additive: the mean of a cell is row mean + column mean - grand mean.
    means = cake.groupby("recipe", observed=True)["angle"].mean()
    by_temperature = cake.groupby("temperature", observed=True)["angle"].mean()
    centres = [container.lines[0].get_ydata() for container in ax.containers]
    assert len(centres) == 3
    for recipe, found in zip("ABC", centres, strict=True):
        expected = means[recipe] + by_temperature.to_numpy() - cake["angle"].mean()
        assert found == pytest.approx(expected)
    assert ax.get_legend().get_texts()[0].get_text() == "recipe = A"


def test_other_variables_are_held_where_asked(wide):
    frame = wide.design.frame
    ax = plotting.predictions(wide, "arm", points=False, at={"x": 2.0})
    found = ax.containers[0].lines[0].get_ydata()
    b = wide.fixef
    other = next(name for name in b.index if name.startswith("arm"))
    assert found[0] == pytest.approx(b["(Intercept)"] + 2 * b["x"])
    assert found[1] == pytest.approx(found[0] + b[other] + 2 * b[f"x:{other}"])
    at_mean = plotting.predictions(wide, "arm", points=False).containers[0].lines[0].get_ydata()
    assert at_mean[0] == pytest.approx(b["(Intercept)"] + frame["x"].mean() * b["x"])
    for wrong, said in (
        ({"x": "g"}, r"`x` must be one of 'x', 'arm'"),
        ({"x": "x", "by": "x"}, r"`by` must be a factor; `x` is a number"),
        ({"x": "x", "at": {"g": 1}}, r"`at` names g; the fixed effects read x, arm"),
    ):
        with pytest.raises(ArgumentError, match=said):
            plotting.predictions(wide, **wrong)


def test_an_offset_beside_the_formula_is_in_the_line(sleep):
    shifted = bm.lmer("Reaction ~ Days + (1 | Subject)", sleep, offset=np.full(180, 100.0))
    plain = bm.lmer("Reaction ~ Days + (1 | Subject)", sleep)
    drawn = [plotting.predictions(f, "Days").lines[-1].get_ydata() for f in (shifted, plain)]
    assert drawn[0] == pytest.approx(drawn[1])


def test_a_number_that_the_formula_makes_a_factor_is_one(sleep):
    fit = bm.lmer("Reaction ~ factor(Days) + (1 | Subject)", sleep)
    ax = plotting.predictions(fit, "Days")
    assert labels(ax.xaxis) == [str(day) for day in range(10)]
    means = sleep.groupby("Days")["Reaction"].mean()
    assert ax.containers[0].lines[0].get_ydata() == pytest.approx(means)


def test_residuals_stand_against_fitted_values(fit, sleep):
    ax = plotting.residuals_fitted(fit)
    drawn = points(ax, DATA)
    assert drawn.sum(axis=1) == pytest.approx(sleep["Reaction"]), "fitted + residual = response"
    weighted = bm.lmer(
        "Reaction ~ Days + (1 | Subject)", sleep.assign(w=np.tile([1.0, 4.0], 90)), weights="w"
    )
    pearson = points(plotting.residuals_fitted(weighted), DATA)[:, 1]
    assert pearson == pytest.approx(weighted.resid.to_numpy() * np.tile([1.0, 2.0], 90))


def test_the_normal_plot_has_the_band_of_order_statistics(fit):
    ax = plotting.residuals_qq(fit)
    drawn = points(ax, DATA)
    assert drawn[:, 1] == pytest.approx(np.sort(fit.rstudent))
    assert drawn[:, 0] == pytest.approx(stats.norm.ppf(np.arange(1, 181) / 181))
    # The largest of 180 normal deviates lies below q with probability Phi(q)^180.
    band = ax.collections[0].get_paths()[0].vertices
    last = band[np.isclose(band[:, 0], drawn[-1, 0]), 1]
    expected = [stats.norm.ppf(p ** (1 / 180)) for p in (0.025, 0.975)]
    assert [last.min(), last.max()] == pytest.approx(expected)


def test_scale_and_location(fit):
    ax = plotting.residuals_scale(fit)
    drawn = points(ax, DATA)
    assert drawn[:, 1] ** 4 == pytest.approx(fit.rstudent.to_numpy() ** 2)
    draws = np.sqrt(np.abs(np.random.default_rng(1).normal(size=400_000)))
    assert draws.mean() == pytest.approx(EXPECTED, abs=4 * draws.std() / 632), "standard errors"


def test_the_rows_of_largest_cooks_distance_are_named(sleep):
    moved = sleep.set_axis([f"row {i}" for i in range(180)])
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", moved)
    ax = plotting.residuals_leverage(fit, named=3)
    assert {text.get_text() for text in ax.texts} == set(fit.cooks_distance.nlargest(3).index)
    drawn = points(ax, DATA)
    assert drawn[:, 0] == pytest.approx(fit.hatvalues.to_numpy())
    assert ax.lines[1].get_xdata()[0] == pytest.approx(fit.hat.mean())
    with pytest.raises(ArgumentError, match=r"`named` must be 0 or a positive integer; got -1"):
        plotting.residuals_leverage(fit, named=-1)


def test_rows_that_are_excluded_are_not_drawn(sleep):
    gaps = sleep.assign(Reaction=sleep["Reaction"].where(sleep.index % 9 != 4))
    fit = bm.lmer("Reaction ~ Days + (1 | Subject)", gaps, na_action="exclude")
    for picture in (
        plotting.residuals_fitted, plotting.residuals_qq, plotting.residuals_scale,
        plotting.residuals_leverage,
    ):  # fmt: skip
        assert len(points(picture(fit), DATA)) == fit.nobs == 160


@pytest.mark.parametrize("name", [n for n in plotting.__all__ if n not in ("densities",)])
def test_axes_of_ones_own_are_used_and_nothing_else_is(name, fit, profile, plt):
    thing = profile if name.startswith("profile") else fit
    more = ("Days",) if name == "predictions" else ()
    _, ax = plt.subplots()
    assert getattr(plotting, name)(thing, *more, ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    with pytest.raises(ArgumentError, match="`ax` must be an Axes of matplotlib; got str"):
        getattr(plotting, name)(thing, *more, ax="here")
    with pytest.raises(ArgumentError, match=r"must be (a|an) |`fit`"):
        getattr(plotting, name)("no fit", *more)


def test_names_that_are_not_there_are_listed(fit):
    with pytest.raises(ArgumentError, match=r"`effect` must be one of '\(Intercept\)', 'Days'"):
        plotting.caterpillar(fit, effect="days")
    with pytest.raises(ArgumentError, match=r"`factor` must be one of 'Subject'.*got 1"):
        plotting.shrinkage(fit, factor=1)


def test_a_dollar_is_a_dollar(wide):
    ax = plotting.predictions(wide, "arm")
    ax.figure.canvas.draw()  # as a formula it would fail, or be set in italics
    assert labels(ax.xaxis)[0] == r"\$control\$"
