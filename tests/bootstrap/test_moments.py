"""Sufficient statistics of resampled data against fits of the data themselves.

At one theta the criterion is a function without choice, so a refit's criterion, beta and sigma are
compared with those of `lmer` on the data frame written out, at the refit's theta: rounding only,
1e-10 relative for the criterion, 1e-8 for estimates (condition numbers up to 1e4). The optimum
itself: both searches stop when a step could gain 5e-15, so neither criterion is more than 1e-8
above the other, and theta agrees to the root of that where it is well determined.
"""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.bootstrap.refit_data import refitter
from pybootmlm.lmm.refits.one_factor import Refits
from pybootmlm.lmm.refits.refit import Refit
from pybootmlm.resampling.scheme import Resamples, Responses
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import as_source

B = 2


def messy() -> pd.DataFrame:
    """60 rows in 9 unequal groups, shuffled, with prior weights and a known part of the mean."""
    rng = np.random.default_rng(3)
    g = rng.permutation(np.repeat(np.arange(9), [2, 3, 4, 5, 6, 8, 9, 11, 12]))
    x = rng.normal(size=g.size) + 1
    y = 30 + x + rng.normal(size=9)[g] + 0.7 * rng.normal(size=9)[g] * x
    w, o = rng.uniform(0.4, 2.5, g.size), 5 * rng.normal(size=g.size)
    y += rng.normal(size=g.size) / np.sqrt(w)
    frame = pd.DataFrame({"y": y, "x": x, "g": [f"g{k}" for k in g], "w": w, "o": o})
    frame.loc[[7, 30], "y"] = np.nan
    return frame


# name: data, formula, options, column of the response, column of the grouping factor
MODELS: dict[str, tuple[Any, str, dict[str, Any], str, str]] = {
    "intercept": ("Dyestuff", "Yield ~ 1 + (1 | Batch)", {}, "Yield", "Batch"),
    "slope": ("sleepstudy", "Reaction ~ Days + (Days | Subject)", {}, "Reaction", "Subject"),
    "bars": ("sleepstudy", "Reaction ~ Days + (Days || Subject)", {}, "Reaction", "Subject"),
    "missing": (messy, "y ~ x + (x | g)", {}, "y", "g"),
    "weights": (messy, "y ~ x + (1 | g)", {"weights": "w"}, "y", "g"),
    "offset": (messy, "y ~ x + (x || g)", {"offset": "o"}, "y", "g"),
    "both": (messy, "y ~ x + (x | g)", {"weights": "w", "offset": "o"}, "y", "g"),
    "no fixed effects": (messy, "y ~ 0 + (x | g)", {"reml": False}, "y", "g"),
}
RESPONSES = ["parametric", "residual", "residual_trans", "reb"]


def quiet(formula: str, frame: pd.DataFrame, **options: Any) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, frame, **options)


@functools.cache
def base(name: str, reml: bool) -> bm.LmerFit:
    source, formula, options, *_ = MODELS[name]
    frame = bm.load_dataset(source) if isinstance(source, str) else source()
    return quiet(formula, frame, **{"reml": reml, **options})


def kept_rows(name: str) -> pd.DataFrame:
    source, _, _, response, _ = MODELS[name]
    frame = bm.load_dataset(source) if isinstance(source, str) else source()
    return frame[frame[response].notna()].reset_index(drop=True)


def resampled(fit: bm.LmerFit, type_: str, count: int = B, **options: bool) -> tuple[Any, Refits]:
    plan = resolve(type_, **options).plan(fit)
    data = plan.apply(next(plan.draw(as_source(20), [count])))
    return data, refitter(fit)(data)


def written_out(name: str, data: Responses | Resamples, b: int) -> pd.DataFrame:
    """Replicate b as a data frame."""
    frame, (_, _, _, response, group) = kept_rows(name), MODELS[name]
    if isinstance(data, Responses):
        return frame.assign(**{response: data.y(base(name, True))[:, b]})
    codes = base(name, True).design.factors[0].codes
    whole = [np.flatnonzero(codes == c) for c in data.clusters[b]]
    parts = whole if data.rows is None else list(data.rows[b])
    copies = [frame.iloc[rows].assign(**{group: f"copy {k}"}) for k, rows in enumerate(parts)]
    return pd.concat(copies, ignore_index=True)


def assert_same(refits: Refits, b: int, explicit: bm.LmerFit) -> None:
    """A refit is the explicit fit, at its theta and at its optimum."""
    refit = Refit(refits, b)
    there = explicit.at_theta(refit.theta)
    assert refit.criterion == pytest.approx(there.criterion, rel=1e-10)
    assert refit.deviance == pytest.approx(there.deviance, rel=1e-10)
    assert refit.nobs == there.nobs
    np.testing.assert_allclose(refit.beta, there.beta, rtol=1e-8)
    np.testing.assert_allclose(refit.vcov, there.vcov, rtol=1e-8, atol=1e-12)
    assert refit.sigma == pytest.approx(there.sigma, rel=1e-8)
    assert refit.converged
    assert refit.criterion == pytest.approx(explicit.criterion, abs=1e-8)
    matrices = [
        [L @ L.T for L in one.labels.covariance.term_matrices(one.theta)]
        for one in (refit, explicit)
    ]
    for mine, other in zip(*matrices, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", [n for n in MODELS if n != "no fixed effects"])
class TestOneFactor:
    @pytest.mark.parametrize("type_", RESPONSES)
    def test_new_responses(self, name: str, reml: bool, type_: str) -> None:
        fit = base(name, reml)
        data, refits = resampled(fit, type_)
        options = MODELS[name][2]
        Y = data.y(fit)
        for b in range(B):
            frame = kept_rows(name).assign(**{MODELS[name][3]: Y[:, b]})
            assert_same(refits, b, quiet(fit.formula, frame, reml=reml, **options))

    @pytest.mark.parametrize("lv1_resample", [False, True])
    def test_clusters_under_new_labels(self, name: str, reml: bool, lv1_resample: bool) -> None:
        fit = base(name, reml)
        data, refits = resampled(fit, "case", lv1_resample=lv1_resample)
        for b in range(B):
            frame = written_out(name, data, b)
            assert_same(refits, b, quiet(fit.formula, frame, reml=reml, **MODELS[name][2]))


def test_without_fixed_effects() -> None:
    fit = base("no fixed effects", False)
    for type_, options in (("residual", {}), ("case", {}), ("case", {"lv1_resample": True})):
        data, refits = resampled(fit, type_, **options)
        for b in range(B):
            frame = written_out("no fixed effects", data, b)
            if isinstance(data, Responses):
                frame = kept_rows("no fixed effects").assign(y=data.y(fit)[:, b])
            assert_same(refits, b, quiet(fit.formula, frame, reml=False))


def test_negative_control_merged_clusters_are_told_apart() -> None:
    """bootmlm's defect with interaction groupings: a cluster drawn twice stays one."""
    fit = base("intercept", True)
    data, refits = resampled(fit, "case")
    b = int(np.argmax([len(set(c)) < 6 for c in data.clusters]))
    codes = fit.design.factors[0].codes
    rows = np.concatenate([np.flatnonzero(codes == c) for c in data.clusters[b]])
    merged = quiet(fit.formula, kept_rows("intercept").iloc[rows])
    assert abs(Refit(refits, b).criterion - merged.criterion) > 0.1


def test_negative_control_another_replicate_is_told_apart() -> None:
    fit = base("slope", True)
    data, refits = resampled(fit, "residual")
    other = fit.refit(data.y(fit)[:, 1])
    with pytest.raises(AssertionError):
        assert_same(refits, 0, other)


class TestGroupings:
    """Where bootmlm's case bootstrap goes wrong."""

    @pytest.mark.parametrize("lv1_resample", [False, True])
    def test_an_interaction_grouping_gets_labels_of_its_own(self, lv1_resample: bool) -> None:
        frame = bm.load_dataset("cake")
        fit = bm.lmer("angle ~ temp + (1 | recipe:replicate)", frame)
        data, refits = resampled(fit, "case", lv1_resample=lv1_resample)
        codes = fit.design.factors[0].codes
        for b in range(B):
            whole = [np.flatnonzero(codes == c) for c in data.clusters[b]]
            parts = whole if data.rows is None else list(data.rows[b])
            copies = [frame.iloc[rows].assign(own=f"{k}") for k, rows in enumerate(parts)]
            explicit = bm.lmer("angle ~ temp + (1 | own)", pd.concat(copies, ignore_index=True))
            assert_same(refits, b, explicit)

    @pytest.mark.parametrize("type_", ["residual", "case"])
    def test_a_transformed_response(self, type_: str) -> None:
        frame = bm.load_dataset("sleepstudy")
        fit = bm.lmer("log(Reaction) ~ Days + (Days | Subject)", frame)
        data, refits = resampled(fit, type_)
        codes = fit.design.factors[0].codes
        for b in range(B):
            if isinstance(data, Responses):
                changed = frame.assign(Reaction=np.exp(data.y(fit)[:, b]))
            else:
                rows = [np.flatnonzero(codes == c) for c in data.clusters[b]]
                copies = [frame.iloc[r].assign(Subject=f"{k}") for k, r in enumerate(rows)]
                changed = pd.concat(copies, ignore_index=True)
            assert_same(refits, b, quiet(fit.formula, changed))


@pytest.mark.parametrize(
    ("source", "formula", "response", "type_", "reml"),
    [
        (source, formula, response, type_, reml)
        for source, formula, response in (
            ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", "diameter"),
            ("Pastes", "strength ~ 1 + (1 | batch/cask)", "strength"),
        )
        for type_, reml in (("parametric", False), ("residual", True), ("residual_trans", True))
    ],
)
def test_several_factors(source: str, formula: str, response: str, type_: str, reml: bool) -> None:
    frame = bm.load_dataset(source)
    fit = several(source, formula, reml)
    data, refits = resampled(fit, type_, count=2)
    Y = data.y(fit)
    for b in range(2):
        assert_same(refits, b, quiet(formula, frame.assign(**{response: Y[:, b]}), reml=reml))


@functools.cache
def several(source: str, formula: str, reml: bool) -> bm.LmerFit:
    return bm.lmer(formula, bm.load_dataset(source), reml=reml)


def test_several_factors_with_weights_and_offset() -> None:
    rng = np.random.default_rng(8)
    frame = bm.load_dataset("Penicillin").assign(
        w=rng.uniform(0.5, 2, 144), o=rng.normal(size=144), x=rng.normal(size=144)
    )
    options = {"weights": "w", "offset": "o"}
    formula = "diameter ~ x + (1 | plate) + (1 | sample)"
    fit = bm.lmer(formula, frame, **options)
    data, refits = resampled(fit, "residual", count=2)
    for b in range(2):
        changed = frame.assign(diameter=data.y(fit)[:, b])
        assert_same(refits, b, quiet(formula, changed, **options))


class TestWrittenOut:
    """A refit made whole answers as the explicit fit at its theta."""

    QUANTITIES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
        ("fitted", lambda m: m.fitted),
        ("resid", lambda m: m.resid),
        ("b", lambda m: m.b),
        ("u", lambda m: m.u),
        ("hatvalues", lambda m: m.hatvalues),
        ("ranef", lambda m: m.ranef()["g"]),
        ("Zt", lambda m: m.getME("Zt").toarray()),
        ("r2", bm.statistics.r2),
        ("var_corr_sd", bm.statistics.var_corr_sd),
    )

    @pytest.mark.parametrize(
        ("type_", "options"),
        [("residual", {}), ("parametric", {}), ("case", {}), ("case", {"lv1_resample": True})],
    )
    def test_quantities(self, type_: str, options: dict[str, bool]) -> None:
        fit = base("both", True)
        data, refits = resampled(fit, type_, **options)
        for b in range(2):
            frame = written_out("both", data, b)
            if isinstance(data, Responses):
                frame = kept_rows("both").assign(y=data.y(fit)[:, b])
            else:  # in the order of the labels, as a refit numbers them
                order = [f"copy {k}" for k in range(9)]
                frame["g"] = pd.Categorical(frame["g"], order)
            there = quiet(fit.formula, frame, **MODELS["both"][2]).at_theta(refits.theta[b])
            for name, quantity in self.QUANTITIES:
                mine, other = quantity(Refit(refits, b)), quantity(there)
                if isinstance(mine, dict):
                    assert list(mine) == list(other)
                    mine, other = list(mine.values()), list(other.values())
                np.testing.assert_allclose(
                    np.asarray(mine), np.asarray(other), rtol=1e-7, atol=1e-9, err_msg=name
                )

    def test_several_factors(self) -> None:
        fit = several("Pastes", "strength ~ 1 + (1 | batch/cask)", True)
        data, refits = resampled(fit, "residual", count=2)
        frame = bm.load_dataset("Pastes").assign(strength=data.y(fit)[:, 1])
        there = bm.lmer(fit.formula, frame).at_theta(refits.theta[1])
        refit = Refit(refits, 1)
        np.testing.assert_allclose(refit.fitted, there.fitted, rtol=1e-9)
        for name, effects in refit.ranef().items():
            np.testing.assert_allclose(effects, there.ranef()[name], rtol=1e-7, atol=1e-9)


class TestCovariatesFarFromZero:
    """Years such as 2000 to 2009: what matters is the distance from their mean."""

    @pytest.mark.parametrize("options", [{}, {"lv1_resample": True}])
    @pytest.mark.parametrize("origin", [2000.0, 20_000.0])
    def test_the_origin_of_a_covariate_does_not_matter(
        self, options: dict[str, bool], origin: float
    ) -> None:
        """ML, whose criterion does not know the origin. Rounding is origin / 3 ulps by QR, 1e-12,
        where cross-products would lose its square, 4e-9."""
        frame = bm.load_dataset("sleepstudy")
        far = frame.assign(Days=frame["Days"] + origin)
        values = []
        for data in (frame, far):
            fit = quiet("Reaction ~ Days + (Days | Subject)", data, reml=False)
            _, refits = resampled(fit, "case", **options)
            values.append([Refit(refits, b).criterion for b in range(B)])
        np.testing.assert_allclose(values[1], values[0], rtol=1e-10)
