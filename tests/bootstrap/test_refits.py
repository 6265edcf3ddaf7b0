"""Refits by the thousand: each stands at its optimum, and one without any says why.

A balanced one-way layout has its optimum in closed form: with m rows in each of J batches and mean
squares B between and W within, REML's theta^2 is max(0, (B/W - 1)/m); ML has (J - 1)/J B for B. The
criterion at any theta is elementary too. So nothing here depends on another optimiser.
"""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

import pybootmlm as bm
from pybootmlm.bootstrap.refit_data import refitter
from pybootmlm.lmm.refits.one_factor import Refits, batches
from pybootmlm.lmm.refits.refit import Refit
from pybootmlm.lmm.search import newton
from pybootmlm.resampling.scheme import Resamples
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import as_source

J, M = 6, 5  # Dyestuff's batches, and samples in each
GRID = np.linspace(0.0, 12.0, 2401)


def replicates(
    fit: bm.LmerFit, type_: str, nsim: int, **options: bool
) -> tuple[np.ndarray | None, Refits]:
    plan = resolve(type_, **options).plan(fit)
    data = plan.apply(next(plan.draw(as_source(bm.RStream(85957)), [nsim])))
    y = None if isinstance(data, Resamples) else data.y(fit)
    return y, refitter(fit)(data)


def sums_of_squares(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between and within batches (nsim,), for rows sorted by batch."""
    by_batch = y.T.reshape(-1, J, M)
    means = by_batch.mean(axis=2)
    within = ((by_batch - means[:, :, None]) ** 2).sum(axis=(1, 2))
    return M * ((means - means.mean(axis=1, keepdims=True)) ** 2).sum(axis=1), within


def closed_criterion(theta: Any, between: Any, within: Any, reml: bool) -> Any:
    """Minus twice the profiled (restricted) log-likelihood of the balanced layout."""
    n, shrink = J * M, 1 + M * theta**2
    df = n - 1 if reml else n
    r2 = within + between / shrink
    value = J * np.log(shrink) + df * (1 + np.log(2 * np.pi * r2 / df))
    return value + np.log(n / shrink) if reml else value


@pytest.fixture(scope="module", params=[True, False], ids=["REML", "ML"])
def dyestuff(request: pytest.FixtureRequest) -> tuple[bool, np.ndarray, Refits]:
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=request.param)
    y, refits = replicates(fit, "parametric", 2000)
    assert y is not None
    return request.param, y, refits


class TestDyestuff:
    """2000 parametric replicates, of which every tenth or so is singular."""

    def test_theta_is_the_closed_form(self, dyestuff: tuple[bool, np.ndarray, Refits]) -> None:
        """A decrement of 1e-7 leaves theta off by 1e-7 where the curvature is of order 1; where
        the optimum nears zero the curvature does too, so theta^2 is compared."""
        reml, y, refits = dyestuff
        between, within = sums_of_squares(y)
        B, W = between / (J - 1 if reml else J), within / (J * (M - 1))
        expected = np.maximum(0.0, (B / W - 1) / M)
        np.testing.assert_allclose(refits.theta[:, 0] ** 2, expected, rtol=1e-6, atol=1e-6)

    def test_singular_ones_are_exactly_zero(
        self, dyestuff: tuple[bool, np.ndarray, Refits]
    ) -> None:
        reml, y, refits = dyestuff
        between, within = sums_of_squares(y)
        singular = between / (J - 1 if reml else J) <= within / (J * (M - 1))
        assert 100 < singular.sum() < 600
        assert (refits.theta[singular, 0] == 0.0).all()
        assert (refits.theta[~singular, 0] > 0.0).all()
        assert refits.singular.sum() == (refits.theta[:, 0] < 1e-4).sum()

    def test_criterion_is_the_least(self, dyestuff: tuple[bool, np.ndarray, Refits]) -> None:
        """None above the least of a grid; and, searched by Brent from there, none above it."""
        reml, y, refits = dyestuff
        between, within = sums_of_squares(y)
        ours = np.array([refits.solution(b).minus_two_loglik(reml) for b in range(len(refits))])
        here = closed_criterion(refits.theta[:, 0], between, within, reml)
        np.testing.assert_allclose(ours, here, rtol=1e-11)
        grid = closed_criterion(GRID[:, None], between, within, reml)
        assert (ours <= grid.min(axis=0) + 1e-8).all()
        for b in range(0, 2000, 50):
            best = GRID[grid[:, b].argmin()]
            found = minimize_scalar(
                lambda theta, b=b: closed_criterion(theta, between[b], within[b], reml),
                bounds=(max(0.0, best - 0.01), best + 0.01),
                method="bounded",
                options={"xatol": 1e-9},
            )
            assert ours[b] <= found.fun + 1e-9

    def test_sigma_and_beta_are_the_closed_form(
        self, dyestuff: tuple[bool, np.ndarray, Refits]
    ) -> None:
        reml, y, refits = dyestuff
        between, within = sums_of_squares(y)
        r2 = within + between / (1 + M * refits.theta[:, 0] ** 2)
        np.testing.assert_allclose(refits.sigma**2, r2 / (J * M - reml), rtol=1e-11)
        np.testing.assert_allclose(refits.beta[:, 0], y.mean(axis=0), rtol=1e-12)

    def test_all_converged(self, dyestuff: tuple[bool, np.ndarray, Refits]) -> None:
        assert dyestuff[2].converged.all()

    def test_negative_control_without_the_saddle_check_some_stop_at_zero(
        self, dyestuff: tuple[bool, np.ndarray, Refits], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """From zero, stationary for any data, only that check leads away."""
        reml = dyestuff[0]
        monkeypatch.setattr("pybootmlm.lmm.search.coordinates.FLOOR", 0.0)
        fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=reml)
        start = fit.at_theta([0.0])
        data = resolve("parametric").plan(fit)
        draws = next(data.draw(as_source(bm.RStream(85957)), [50]))
        checked = refitter(start)(replace(data, fit=fit).apply(draws))
        assert (checked.theta[:, 0] > 0).sum() > 25
        steps = newton.steps

        def no_check(*arguments: Any) -> Any:
            step, _ = steps(*arguments)
            decrement = np.abs(arguments[1]).max(axis=1)
            return step, decrement < 1e-9

        monkeypatch.setattr(newton, "steps", no_check)
        stuck = refitter(start)(data.apply(draws))
        assert (stuck.theta[:, 0] == 0).all()


class TestAgainstTheFitsOwnSearch:
    """`lmer` starts from three sizes of Lambda; a refit starts from the fit alone."""

    @pytest.mark.parametrize("type_", ["residual", "case"])
    @pytest.mark.parametrize("formula", ["(Days | Subject)", "(Days || Subject)"])
    def test_no_refit_is_worse(self, formula: str, type_: str) -> None:
        """Both stop within 5e-15 of an optimum; 1e-8 is rounding of a criterion of 1700."""
        fit = bm.lmer(f"Reaction ~ Days + {formula}", bm.load_dataset("sleepstudy"))
        _, refits = replicates(fit, type_, 12)
        assert refits.converged.all()
        for b in range(12):
            refit = Refit(refits, b)
            whole = refit._whole
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                searched = bm.lmm.fit.optimise(whole.model, whole.reml)
            assert refit.criterion <= searched.criterion + 1e-8

    def test_unequal_clusters_against_brent(self) -> None:
        data = bm.load_dataset("pop_syn")
        some = data[(data["school"] <= 15) & (data["pupil"] % 3 == 0)]
        fit = bm.lmer("popular ~ sex + (1 | school)", some)
        _, refits = replicates(fit, "residual_cgr", 4)
        for b in range(4):
            whole = Refit(refits, b)._whole
            grid = [whole.at_theta([x]).criterion for x in np.linspace(0, 2, 21)]
            near = np.linspace(0, 2, 21)[int(np.argmin(grid))]
            found = minimize_scalar(
                lambda x, whole=whole: whole.at_theta([abs(x)]).criterion,
                bounds=(near - 0.1, near + 0.1),
                method="bounded",
                options={"xatol": 1e-7},
            )
            assert Refit(refits, b).criterion <= min(found.fun, *grid) + 1e-8


def two_level(rows: dict[str, list[float]], groups: str) -> pd.DataFrame:
    return pd.DataFrame({**rows, "g": list(groups)})


class TestWithoutEstimates:
    def cluster_level(self) -> bm.LmerFit:
        """A predictor of the clusters: one cluster drawn three times cannot identify it."""
        data = bm.load_dataset("pop_syn")
        return bm.lmer("popular ~ texp + (1 | school)", data[data["school"] <= 3])

    @pytest.mark.parametrize("lv1_resample", [False, True])
    def test_fixed_effects_that_are_not_identifiable(self, lv1_resample: bool) -> None:
        fit = self.cluster_level()
        plan = resolve("case", lv1_resample=lv1_resample).plan(fit)
        data = plan.apply(next(plan.draw(as_source(1), [300])))
        refits = refitter(fit)(data)
        alone = np.array([len(set(drawn)) == 1 for drawn in data.clusters])
        assert 10 < alone.sum() < 60
        assert (np.isnan(refits.sigma) == alone).all()
        assert np.isnan(refits.beta[alone]).all()
        assert np.isnan(refits.theta[alone]).all()
        assert not refits.converged[alone].any()
        first = int(np.flatnonzero(alone)[0])
        assert refits.problem_of(first) == (
            "the fixed effects of this data set are not identifiable"
        )
        assert refits.problem_of(int(np.flatnonzero(~alone)[0])) is None

    def test_do_not_touch_the_others_of_the_batch(self) -> None:
        fit = self.cluster_level()
        plan = resolve("case").plan(fit)
        clusters = next(plan.draw(as_source(1), [40])).clusters
        good = np.array([len(set(drawn)) > 1 for drawn in clusters])
        together = refitter(fit)(Resamples(clusters))
        apart = refitter(fit)(Resamples(clusters[good]))
        np.testing.assert_allclose(together.theta[good], apart.theta, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(together.beta[good], apart.beta, rtol=1e-10)

    def test_data_that_are_explained_exactly(self) -> None:
        frame = two_level({"y": [1.0, 1, 1, 2, 3, 5]}, "aabbcc")
        fit = bm.lmer("y ~ 1 + (1 | g)", frame)
        refits = refitter(fit)(Resamples(np.array([[0, 0, 0], [0, 1, 2]])))
        assert np.isnan(refits.sigma[0])
        assert refits.problem_of(0) == (
            "the fixed and random effects explain this data set exactly, so the criterion falls "
            "without bound: there is no optimum"
        )
        assert refits.theta[1] == pytest.approx(fit.theta, rel=1e-6)

    def test_negative_control_a_small_but_real_difference_is_identified(self) -> None:
        """A covariate that varies by a millionth of its mean within the drawn clusters."""
        rng = np.random.default_rng(1)
        x = np.repeat([5.0, 5.00001, 9.0, 2.0], 6)
        frame = two_level({"y": list(rng.normal(size=24) + x), "x": list(x)}, "a" * 6 + "b" * 6 +
                          "c" * 6 + "d" * 6)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = bm.lmer("y ~ x + (1 | g)", frame)
        refits = refitter(fit)(Resamples(np.array([[0, 1, 0, 1], [0, 0, 0, 0]])))
        assert np.isfinite(refits.sigma).tolist() == [True, False]


class TestRefit:
    def one(self) -> tuple[bm.LmerFit, Refit]:
        fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
        return fit, Refit(replicates(fit, "residual", 3)[1], 1)

    def test_estimates_need_no_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _, refit = self.one()
        monkeypatch.setattr("pybootmlm.bootstrap.refit_data.evaluate_at", _forbidden)
        for name in ("theta", "beta", "sigma", "fixef", "vcov", "varcorr", "criterion", "aic"):
            getattr(refit, name)
        bm.statistics.r2(refit)
        with pytest.raises(AssertionError, match="asked for"):
            refit.fitted  # noqa: B018

    def test_answers_to_all_names_of_a_fit(self) -> None:
        fit, refit = self.one()
        names = [name for name in dir(fit) if not name.startswith("_")]
        assert [name for name in names if not hasattr(refit, name)] == []

    def test_an_unknown_name(self) -> None:
        with pytest.raises(AttributeError) as caught:
            self.one()[1].thetas  # noqa: B018
        assert str(caught.value) == "a refit has no attribute 'thetas'"

    def test_of_the_same_response_is_the_fit(self) -> None:
        fit, _ = self.one()
        plan = resolve("residual").plan(fit)
        data = plan.apply(next(plan.draw(as_source(1), [1])))
        own = replace(
            data,
            errors=(fit.design.y - data.fixed)[:, None],
            effects=tuple(0 * effects for effects in data.effects),
        )
        refit = Refit(refitter(fit)(own), 0)
        np.testing.assert_allclose(refit.theta, fit.theta, rtol=1e-6)
        np.testing.assert_allclose(refit.beta, fit.beta, rtol=1e-8)
        assert refit.criterion == pytest.approx(fit.criterion, rel=1e-12)


def _forbidden(*_: Any) -> None:
    raise AssertionError("the rows were asked for")


@pytest.mark.parametrize(("total", "each"), [(10, 1), (10, 900_000), (7, 10**9), (1, 5)])
def test_batches_cover_all_replicates_once(total: int, each: int) -> None:
    found = list(batches(total, each))
    assert np.concatenate(found).tolist() == list(range(total))
    assert max(len(part) for part in found) <= max(1, 2_000_000 // each)


def test_refitting_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    replicates(fit, "case", 20)
    assert capsys.readouterr() == ("", "")
