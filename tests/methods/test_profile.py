"""Profiles against constrained minima found another way: dense algebra and a general optimiser.

The textbook deviance is a function of standard deviations, correlations, sigma and beta, formed
from V = ZSZ' + W^-1 sigma^2; holding one of them is leaving it out of the search.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag
from scipy.optimize import minimize
from scipy.stats import chi2

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.methods.profiling.parameters import numbers_of as numbers_at
from pybootmlm.methods.profiling.parameters import parameters_of, path_of
from pybootmlm.methods.profiling.search import constrained


def fitted(formula: str, data: pd.DataFrame, **options) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, data, reml=False, **options)


def sleep() -> pd.DataFrame:
    data = bm.load_dataset("sleepstudy")
    n = len(data)
    return data.assign(w=1.0 + np.arange(n) % 3, z=np.sin(np.arange(n)), off=np.arange(n) % 7)


class Dense:
    """The deviance of a fit's model as a function of (sds and correlations, sigma, beta)."""

    def __init__(self, fit: bm.LmerFit) -> None:
        self.fit = fit
        self.Z = fit.getME("Z").toarray()
        self.X, self.w = fit.design.X, fit.weights.to_numpy()
        self.y = fit.design.y - fit.getME("offset")
        self.J = [len(fit.design.factors[t.factor].levels) for t in fit.design.terms]

    def covariance(self, numbers: np.ndarray) -> np.ndarray | None:
        blocks, at = [], 0
        for names, J in zip(self.fit.labels.terms, self.J, strict=True):
            q = len(names)
            S = np.zeros((q, q))
            columns, rows = np.triu_indices(q)
            S[rows, columns] = numbers[at : at + len(rows)]
            at += len(rows)
            sd = np.diag(S).copy()
            R = S + S.T
            np.fill_diagonal(R, 1.0)
            if (np.linalg.eigvalsh(R) < -1e-9).any() or (sd < 0).any():
                return None
            blocks.append(np.kron(np.eye(J), R * np.outer(sd, sd)))
        return block_diag(*blocks)

    def __call__(self, numbers: np.ndarray) -> float:
        t = self.fit.theta.size
        S, sigma, beta = self.covariance(numbers[:t]), numbers[t], numbers[t + 1 :]
        if S is None or sigma <= 0:
            return np.inf
        V = self.Z @ S @ self.Z.T + np.diag(sigma**2 / self.w)
        log_det = np.linalg.slogdet(V)[1]
        r = self.y - self.X @ beta
        return float(len(r) * np.log(2 * np.pi) + log_det + r @ np.linalg.solve(V, r))

    def held(self, position: int, value: float, start: np.ndarray) -> float:
        """The least deviance with one number held, from `start`."""
        free = np.arange(start.size) != position
        scale = np.maximum(np.abs(start), 0.1)

        def objective(x: np.ndarray) -> float:
            numbers = np.empty(start.size)
            numbers[position], numbers[free] = value, x * scale[free]
            found = self(numbers)
            return found if np.isfinite(found) else 1e10

        x = (start / scale)[free]
        for _ in range(4):
            options = {"maxiter": 6000, "maxfev": 6000, "xatol": 1e-9, "fatol": 1e-11}
            found = minimize(objective, x, method="Nelder-Mead", options=options)
            x = found.x
        return float(found.fun)


def numbers_of(fit: bm.LmerFit) -> np.ndarray:
    frame = fit.varcorr.to_frame(order="lower.tri")
    return np.concatenate([frame["sdcor"].to_numpy(), fit.beta])


MODELS = {
    "slopes, weights, offset": (
        "Reaction ~ Days + (Days | Subject)",
        sleep().iloc[:90],
        {"weights": "w", "offset": "off"},
    ),
    "crossed": (
        "diameter ~ 1 + (1 | plate) + (1 | sample)",
        bm.load_dataset("Penicillin").iloc[::2],
        {},
    ),
    "uncorrelated": ("Reaction ~ Days + (Days || Subject)", sleep().iloc[:80], {}),
}


@pytest.mark.parametrize("name", MODELS)
def test_constrained_minima_are_those_of_the_textbook(name):
    formula, data, options = MODELS[name]
    fit = fitted(formula, data, **options)
    dense, estimates = Dense(fit), numbers_of(fit)
    assert dense(estimates) == pytest.approx(fit.deviance, abs=1e-8)
    profile = fit.profile(grid=False)
    limits = profile.limits()
    for position, one in enumerate(profile.parameters):
        value = limits.loc[one.name, "upper" if position % 2 else "lower"]
        if limits.loc[one.name, "at_lower_bound" if not position % 2 else "at_upper_bound"]:
            value = 0.5 * estimates[position]
        path = profile.paths[one.name]
        found = constrained(path, value, path.start, careful=True)
        there = numbers_at(path.place(value, found.point), "sdcor")
        # Attained, with the parameter where it should be ...
        assert there[position] == pytest.approx(value, rel=1e-9)
        assert dense(np.array(there)) == pytest.approx(found.deviance, abs=1e-7)
        # ... and not above what a simplex finds, which can be stuck before a correlation of one.
        brute = dense.held(position, value, estimates)
        assert found.deviance < brute + 1e-6
        assert found.deviance > brute - 1e-3


def test_sparse_elimination_gives_the_same_profile(monkeypatch):
    formula, data, _ = MODELS["crossed"]
    fit = fitted(formula, data)
    dense = fit.confint([".sig02", "(Intercept)"])
    monkeypatch.setattr("pybootmlm.lmm.several_factors.sweep.DENSE_UP_TO", 0)
    np.testing.assert_allclose(fit.confint([".sig02", "(Intercept)"]), dense, rtol=1e-7)


def test_a_correlation_keeps_its_sign():
    """With the sign of a column of Lambda free, holding r would allow -r as well."""
    fit = fitted("mathach ~ meanses + ses + (ses | id)", bm.load_dataset("hsb"))
    profile = fit.profile(".sig02", grid=False)
    lower, upper = profile.confint().loc[".sig02"]
    assert lower < -0.8
    assert 0 < upper < 0.3
    for value in (-0.5, 0.1):
        path = profile.paths[".sig02"]
        place = path.place(value, constrained(path, value, path.start, careful=True).point)
        S = place.covariances[0]
        assert S[0, 1] / np.sqrt(S[0, 0] * S[1, 1]) == pytest.approx(value)


class TestBoundaries:
    def test_a_variance_at_zero(self):
        fit = fitted("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff2"))
        limits = fit.profile(grid=False).limits()
        assert limits.loc[".sig01", "lower"] == 0
        assert limits.loc[".sig01", "at_lower_bound"]
        assert not limits.loc[".sig01", "at_upper_bound"]
        # At zero it is the ordinary linear model: its profile of the mean is Student's.
        y = fit.design.y
        n, rise = len(y), chi2.ppf(0.95, 1)
        half = np.sqrt(np.var(y) * np.expm1(rise / n))
        upper = limits.loc["(Intercept)", "upper"] - y.mean()
        # The variance of batches may rise above zero at the limit: so the interval is no shorter.
        assert upper >= half - 1e-9
        assert profile_of_mean(y) == pytest.approx(half, rel=1e-12)

    def test_the_deviance_at_zero_is_that_of_the_model_without_the_term(self):
        data = bm.load_dataset("Pastes")
        fit = fitted("strength ~ 1 + (1 | batch/cask)", data)
        without = fitted("strength ~ 1 + (1 | batch:cask)", data)
        profile = fit.profile(grid=False)
        (batch,) = [p.name for p in profile.parameters if p.readable == "sd_(Intercept)|batch"]
        assert profile.deviance(batch, 0.0) == pytest.approx(without.deviance, abs=1e-8)

    def test_zero_beside_a_slope_is_the_model_of_the_slope_alone(self):
        fit = fitted("Reaction ~ Days + (Days | Subject)", sleep())
        alone = fitted("Reaction ~ Days + (0 + Days | Subject)", sleep())
        assert fit.profile(".sig01", grid=False).deviance(".sig01", 0.0) == pytest.approx(
            alone.deviance, abs=1e-8
        )
        apart = fitted("Reaction ~ Days + (Days || Subject)", sleep())
        for scale in ("sdcor", "varcov", "theta"):
            profile = fit.profile(".sig02", grid=False, scale=scale)
            assert profile.deviance(".sig02", 0.0) == pytest.approx(apart.deviance, abs=1e-8)

    def test_a_correlation_at_one_is_a_limit_where_the_deviance_does_not_rise_enough(self):
        fit = fitted("Reaction ~ Days + (Days | Subject)", sleep().iloc[:40])
        limits = fit.profile(".sig02", grid=False).limits(level=0.999)
        assert limits.loc[".sig02", ["lower", "upper"]].tolist() == [-1, 1]
        assert limits[["at_lower_bound", "at_upper_bound"]].all(axis=None)
        assert (limits["deviance_upper"] < limits["target"]).all()

    def test_a_correlation_with_an_effect_that_does_not_vary_is_not_known(self):
        rng = np.random.default_rng(8)
        data = pd.DataFrame({"g": np.repeat(np.arange(12), 6), "x": np.tile(np.arange(6.0), 12)})
        data["y"] = rng.normal(size=12)[data["g"]] + rng.normal(size=72)
        for seed in range(20):
            data["y"] = np.random.default_rng(seed).normal(size=72)
            fit = fitted("y ~ x + (x | g)", data)
            if np.isnan(fit.varcorr.terms[0].cor[1, 0]):
                break
        limits = fit.profile("theta_", grid=False).limits()
        assert limits.loc[".sig02", ["lower", "upper"]].tolist() == [-1, 1]
        assert np.isnan(limits.loc[".sig02", "estimate"])


def profile_of_mean(y: np.ndarray) -> float:
    """Half-width of the profile interval of a mean, from n log(1 + d^2 / s^2) = rise."""
    d = np.sqrt(np.var(y) * (np.exp(chi2.ppf(0.95, 1) / len(y)) - 1))
    n = len(y)
    deviance = n * np.log(np.mean((y - y.mean() - d) ** 2)) - n * np.log(np.var(y))
    assert deviance == pytest.approx(chi2.ppf(0.95, 1))
    return float(d)


class TestInvariance:
    fit = fitted("Reaction ~ Days + (Days | Subject)", sleep())

    def test_units_of_the_response(self):
        other = fitted("I(Reaction / 1000) ~ Days + (Days | Subject)", sleep())
        one, two = self.fit.confint(), other.confint()
        two.loc[~two.index.isin([".sig02"])] *= 1000
        np.testing.assert_allclose(one, two, rtol=1e-7)

    def test_order_of_the_effects(self):
        data = sleep().assign(one=1.0)
        other = fitted("Reaction ~ Days + (0 + Days + one | Subject)", data)
        one = self.fit.confint(old_names=False)
        two = other.confint(old_names=False)
        np.testing.assert_allclose(
            one.loc["sd_(Intercept)|Subject"], two.loc["sd_one|Subject"], rtol=1e-7
        )
        np.testing.assert_allclose(
            one.loc["cor_Days.(Intercept)|Subject"], two.loc["cor_one.Days|Subject"], rtol=1e-6
        )

    def test_three_effects_in_any_order(self):
        fit = fitted("Reaction ~ Days + (Days + z | Subject)", sleep())
        other = fitted("Reaction ~ Days + (z + Days | Subject)", sleep())
        one = fit.confint("theta_", old_names=False)
        two = other.confint("theta_", old_names=False)
        two.index = two.index.str.replace("cor_Days.z", "cor_z.Days", regex=False)
        pd.testing.assert_frame_equal(one.sort_index(), two.sort_index(), rtol=1e-6)

    def test_reml_or_ml_gives_one_profile(self):
        reml = bm.lmer("Reaction ~ Days + (Days | Subject)", sleep())
        np.testing.assert_allclose(reml.confint(), self.fit.confint(), rtol=1e-6)

    def test_theta_of_one_random_intercept_is_the_profile_of_the_icc(self):
        fit = fitted("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
        theta = fit.profile(0, scale="theta", grid=False).confint().loc[".sig01"]
        np.testing.assert_allclose(theta**2 / (1 + theta**2), bm.prof_ci_icc(fit), rtol=1e-8)


class TestFrame:
    fit = fitted("Reaction ~ Days + (Days | Subject)", sleep())
    profile = fit.profile()

    def test_points_go_beyond_the_cutoff_and_through_the_estimate(self):
        cutoff = np.sqrt(chi2.ppf(0.99, 6))
        for name, part in self.profile.frame.groupby(".par"):
            assert (part[".zeta"] == 0).sum() == 1
            assert part[name].is_monotonic_increasing
            assert part[".zeta"].is_monotonic_increasing
            assert part[".zeta"].max() > cutoff or part[name].max() == 1
            assert 0.2 < part[".zeta"].diff().median() < 0.7
            middle = part[part[".zeta"] == 0].drop(columns=[".zeta", ".par"]).iloc[0]
            np.testing.assert_allclose(middle, numbers_of(self.fit), rtol=1e-6)

    def test_points_are_on_the_profile(self):
        for _, row in self.profile.frame[::20].iterrows():
            again = self.profile.zeta(row[".par"], row[row[".par"]])
            assert row[".zeta"] == pytest.approx(again, abs=1e-5)

    def test_a_finer_grid_has_more_points(self):
        few = self.fit.profile("Days", delta=1.0)
        many = self.fit.profile("Days", delta=0.2)
        assert len(many.frame) > 2 * len(few.frame)
        np.testing.assert_allclose(few.confint(), many.confint(), rtol=1e-9)

    def test_parameters_are_chosen_by_name_position_or_kind(self):
        every = self.profile
        assert list(every.confint("beta_").index) == ["(Intercept)", "Days"]
        assert list(every.confint([0, -1]).index) == [".sig01", "Days"]
        assert list(every.confint("sd_Days|Subject").index) == [".sig03"]
        assert len(self.fit.profile("theta_", grid=False).parameters) == 4


class TestRefusals:
    fit = fitted("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"which": "Days"}, r"`parm` must hold names .*got 'Days'.*'\.sig01', '\.sigma'"),
            ({"which": 7}, "got 7"),
            ({"scale": "log"}, "`scale` must be one of 'sdcor', 'varcov', 'theta'"),
            ({"alpha_max": 2}, "`alpha_max` must lie between 0 and 1"),
            ({"delta": 0}, "`delta` must be positive"),
            ({"grid": "no"}, "`grid` must be True or False"),
        ],
    )
    def test_profile(self, options, text):
        with pytest.raises(ArgumentError, match=text):
            self.fit.profile(**options)

    def test_values_outside_the_domain(self):
        profile = self.fit.profile(grid=False)
        with pytest.raises(ArgumentError, match=r"between 0 and inf for \.sig01"):
            profile.deviance(".sig01", -1)
        with pytest.raises(ArgumentError, match="`level` must lie between 0 and 1"):
            profile.confint(level=95)


def test_derivatives_along_every_path():
    """Gradients and Hessians in the free coordinates against central differences."""
    rng = np.random.default_rng(5)
    models = [
        ("Reaction ~ Days + (Days + z | Subject)", sleep(), {"weights": "w"}),
        ("diameter ~ 1 + (1 | plate) + (1 | sample)", bm.load_dataset("Penicillin"), {}),
    ]
    for formula, data, options in models:
        fit = fitted(formula, data, **options)
        for scale in ("sdcor", "varcov", "theta"):
            for one in parameters_of(fit, scale):
                path = path_of(fit, one, scale)
                point = np.abs(path.start * (1 + 0.1 * rng.normal(size=path.start.size)) + 0.02)
                value = np.array([path.estimate + path.scale])
                found = path.evaluate(value, point[None], 2)
                for k in range(point.size):
                    step = np.zeros_like(point)
                    step[k] = 1e-5
                    up = path.evaluate(value, (point + step)[None], 1)
                    down = path.evaluate(value, (point - step)[None], 1)
                    slope = (up.value[0] - down.value[0]) / 2e-5
                    bend = (up.gradient[0] - down.gradient[0]) / 2e-5
                    size = 1 + np.abs(found.gradient).max()
                    assert found.gradient[0, k] == pytest.approx(slope, abs=1e-6 * size)
                    size = 1 + np.abs(found.hessian).max()
                    np.testing.assert_allclose(found.hessian[0, k], bend, atol=1e-5 * size)
