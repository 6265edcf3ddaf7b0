"""Optima: singular ones, those from bad starts, and what must not change them.

An optimum is found to a Newton decrement of 1e-7, which leaves 5e-15 of the criterion and about
1e-7 / sqrt(curvature) of theta: criteria are compared to 1e-9, thetas to 1e-6.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ConvergenceWarning, SingularFitWarning
from pybootmlm.lmm.covariance import build_covariance, canonical
from pybootmlm.lmm.search.coordinates import search_coordinates
from pybootmlm.lmm.search.newton import NewtonOptions

Fitted = Callable[..., bm.LmerFit]
CRITERION = 1e-9
THETA = 1e-6


def quiet(formula: str, data: pd.DataFrame, **options: Any) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return bm.lmer(formula, data, **options)


# ------------------------------------------------------------------ singular optima


@pytest.mark.parametrize("reml", [True, False])
def test_dyestuff2_has_no_batch_variance_at_all(fitted: Fitted, reml: bool):
    """Exactly 0, as Bates et al. (2015) report, not the 1e-5 where an optimiser tires."""
    fit = fitted("Dyestuff2", "Yield ~ 1 + (1 | Batch)", reml)
    assert fit.theta.tolist() == [0.0]
    assert fit.is_singular()
    # Then it is a sample of independent numbers.
    data = bm.load_dataset("Dyestuff2")["Yield"]
    np.testing.assert_allclose(fit.sigma, data.std(ddof=1 if reml else 0), rtol=1e-13)
    np.testing.assert_allclose(fit.beta[0], data.mean(), rtol=1e-14)


def test_a_singular_fit_warns_as_lme4_words_it():
    with pytest.warns(SingularFitWarning, match=r"boundary \(singular\) fit: see help"):
        bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff2"))


def dependent_effects(kind: str) -> pd.DataFrame:
    """Intercepts and slopes of one dimension; the rest varies less between groups than chance.

    The errors have no part along (1, x) of any group, so the estimated covariance of
    intercepts and slopes, observed less expected, has a negative eigenvalue unless cut off.
    """
    rng = np.random.default_rng(12)
    J, m = 20, 8
    g = np.repeat(np.arange(J), m)
    x = np.tile(np.linspace(-1, 1, m), J)
    a = rng.normal(size=J)
    slope, intercept = {"+1": (0.8 * a, a), "-1": (-0.8 * a, a), "no intercept": (a, 0 * a)}[kind]
    Z = np.column_stack([np.ones(m), x[:m]])
    e = rng.normal(size=(J, m)) / 2
    e -= e @ Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    y = 1 + x + intercept[g] + slope[g] * x + e.ravel()
    return pd.DataFrame({"y": y, "x": x, "g": [f"g{j:02d}" for j in g]})


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(("kind", "cor"), [("+1", 1.0), ("-1", -1.0)])
def test_correlation_of_one(kind: str, cor: float, reml: bool):
    fit = quiet("y ~ x + (x | g)", dependent_effects(kind), reml=reml)
    assert fit.theta[2] == 0
    assert fit.theta[0] > 1
    np.testing.assert_allclose(fit.varcorr.terms[0].cor[1, 0], cor, rtol=1e-14)
    assert fit.is_singular()
    assert stays_below_neighbours(fit)


@pytest.mark.parametrize("reml", [True, False])
def test_vanishing_intercept_variance(reml: bool):
    """theta_11 = 0: the column is zero, and the slope's variance stands in theta_22 alone."""
    fit = quiet("y ~ x + (x | g)", dependent_effects("no intercept"), reml=reml)
    assert fit.theta[:2].tolist() == [0.0, 0.0]
    assert fit.theta[2] > 1
    assert stays_below_neighbours(fit)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("start", [None, [0.0, 0.0], [5.0, 5.0]])
def test_one_of_two_crossed_factors_has_no_variance(reml: bool, start: list[float] | None):
    """Balanced, and column means made equal: the ANOVA estimate is negative, the optimum at 0.

    Without the second factor it is a one-way layout, whose theta is known in closed form.
    """
    rng = np.random.default_rng(4)
    a, m = 8, 6
    y = rng.normal(size=(a, 1)) + rng.normal(size=(a, m))
    y -= y.mean(axis=0)
    frame = pd.DataFrame({"y": y.ravel(), "g": np.repeat(list("abcdefgh"), m)})
    frame["h"] = np.tile(list("uvwxyz"), a)
    fit = quiet("y ~ 1 + (1 | g) + (1 | h)", frame, reml=reml, start=start)
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (a * (m - 1))
    between = m * (y.mean(axis=1) ** 2).sum() / (a - 1 if reml else a)
    assert between > within
    assert fit.theta[1] == 0
    np.testing.assert_allclose(fit.theta[0], np.sqrt((between / within - 1) / m), rtol=THETA)
    assert fit.is_singular()
    assert stays_below_neighbours(fit)


def stays_below_neighbours(fit: bm.LmerFit) -> bool:
    """No point of a cloud around theta has a lower criterion."""
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-6, 0, 400)
    cloud = fit.theta + sizes[:, None] * rng.normal(size=(400, fit.theta.size))
    values = fit.model.problem.evaluate(np.vstack([fit.theta, cloud]), fit.reml, 0).value
    return bool(values.min() >= values[0] - 1e-11 * abs(values[0]))


def test_control_the_cloud_finds_what_is_no_minimum(fitted: Fitted):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)")
    assert stays_below_neighbours(fit)
    assert not stays_below_neighbours(fit.at_theta(fit.theta * 1.02))
    saddle = fit.at_theta([0.0, 0.0, 0.0])
    assert not stays_below_neighbours(saddle)


# ------------------------------------------------------------------ where the search starts


@pytest.mark.parametrize("start", [0.0, 1e-12, 0.7, 50.0, -0.8])
def test_start_does_not_matter(fitted: Fitted, start: float):
    """From 0 too, which is stationary for any data."""
    dyestuff = bm.load_dataset("Dyestuff")
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", dyestuff, start=[start])
    whole = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)")
    np.testing.assert_allclose(fit.theta, whole.theta, rtol=THETA)
    assert abs(fit.criterion - whole.criterion) < CRITERION


def test_a_refit_leaves_a_singular_optimum():
    """From theta 0 of Dyestuff2 to another response: the warm start must not hold it at zero."""
    fit = quiet("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff2"))
    other = bm.load_dataset("Dyestuff")["Yield"].to_numpy()
    fresh = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    again = fit.refit(other)
    np.testing.assert_allclose(again.theta, fresh.theta, rtol=THETA)


def test_max_iterations_is_passed_on_and_reported():
    with pytest.warns(ConvergenceWarning, match="stopped after .* Newton decrement"):
        fit = bm.lmer(
            "Reaction ~ Days + (Days | Subject)",
            bm.load_dataset("sleepstudy"),
            control=bm.LmerControl(newton=NewtonOptions(max_iterations=1)),
        )
    assert not fit.optimum.converged
    assert "Newton decrement" in fit.messages[0]


def test_a_criterion_without_a_minimum_ends_with_a_warning():
    """No variance within groups: the criterion falls without bound as theta grows."""
    data = pd.DataFrame({"y": np.repeat([1.0, 2.0, 4.0, 8.0], 3), "g": np.repeat(list("abcd"), 3)})
    with pytest.warns(ConvergenceWarning, match="explain the response exactly"):
        fit = bm.lmer("y ~ 1 + (1 | g)", data)
    assert not fit.optimum.converged


# ------------------------------------------------------------------ canonical form, coordinates


@pytest.mark.parametrize(
    ("data", "formula"),
    [
        ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
        ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
        ("Oxide", "Thickness ~ 1 + (1 | Lot / Wafer)"),
        ("Orthodont", "distance ~ age * Sex + (age | Subject)"),
        ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    ],
)
def test_theta_is_canonical(fitted: Fitted, data: str, formula: str):
    fit = fitted(data, formula)
    for L in fit.labels.covariance.term_matrices(fit.theta):
        np.testing.assert_array_equal(canonical(L), L)
        assert (np.diag(L) >= 0).all()


@pytest.mark.parametrize("q", [1, 2, 3])
def test_search_coordinates_whiten_the_data(q: int):
    """T'(Z'Z/n)T = I for every term, with a badly scaled Z; theta = A theta~ in both directions."""
    rng = np.random.default_rng(q)
    n = 50
    Zs = [
        np.column_stack([np.ones(n), 1990 + rng.uniform(0, 30, n), 1e-4 * rng.normal(size=n)])[
            :, :q
        ],
        5 * np.ones((n, 1)),
    ]
    coordinates = search_coordinates(build_covariance((0, 1), (q, 1)), Zs, None)
    for Z, T in zip(Zs, coordinates.T, strict=True):
        assert (np.triu(T, 1) == 0).all()
        whitened = T.T @ (Z.T @ Z / n) @ T
        # 1990..2020 beside ones: the square of a condition number of 200, and the columns' units.
        np.testing.assert_allclose(whitened, np.eye(len(T)), rtol=0, atol=1e-10)
    tilde = rng.normal(size=len(coordinates.A))
    size = q * (q + 1) // 2
    L = np.zeros((q, q))
    L.T[np.triu_indices(q)] = tilde[:size]
    theta = coordinates.A @ tilde
    np.testing.assert_allclose(theta[:size], (coordinates.T[0] @ L).T[np.triu_indices(q)])
    np.testing.assert_allclose(theta[size:], coordinates.T[1][0, 0] * tilde[size:])
    np.testing.assert_allclose(coordinates.to_search(theta), tilde, rtol=1e-9)


def test_search_coordinates_of_dependent_columns_exist():
    Z = np.column_stack([np.ones(6), np.ones(6), np.zeros(6)])
    assert np.isfinite(search_coordinates(build_covariance((0,), (3,)), [Z], None).A).all()


# ------------------------------------------------------------------ what must not change it

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ("Pastes", "strength ~ 1 + (1 | batch / cask)"),
    ("Orthodont", "distance ~ age * Sex + (age | Subject)"),
]


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(("data", "formula"), MODELS)
class TestInvariance:
    def test_row_order(self, fitted: Fitted, data: str, formula: str, reml: bool):
        fit = fitted(data, formula, reml)
        shuffled = bm.load_dataset(data).sample(frac=1, random_state=4)
        again = bm.lmer(formula, shuffled, reml=reml)
        assert abs(again.criterion - fit.criterion) < CRITERION
        np.testing.assert_allclose(again.theta, fit.theta, rtol=THETA, atol=THETA)
        # Row quantities follow their rows.
        pd.testing.assert_series_equal(
            again.fitted.sort_index(), fit.fitted.sort_index(), rtol=1e-6
        )
        pd.testing.assert_series_equal(
            again.hatvalues.sort_index(), fit.hatvalues.sort_index(), rtol=1e-6
        )

    def test_shift_and_scale_of_the_response(
        self, fitted: Fitted, data: str, formula: str, reml: bool
    ):
        """y -> c y + d moves the criterion by 2 df log c, where df = n or n - p."""
        fit = fitted(data, formula, reml)
        c, d = 1e-5, 3.0
        frame, response = bm.load_dataset(data), fit.design.response
        frame[response] = c * frame[response] + d
        again = bm.lmer(formula, frame, reml=reml)
        df = fit.nobs - fit.beta.size * reml
        # y = 3.00x holds 11 digits of what was 1e-5 times a number of 5: half of it at most 1e-9.
        assert abs(again.criterion - fit.criterion - 2 * df * np.log(c)) < 1e-7
        np.testing.assert_allclose(again.theta, fit.theta, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(again.sigma, c * fit.sigma, rtol=1e-6)
        np.testing.assert_allclose(again.beta[1:], c * fit.beta[1:], rtol=1e-6)
        assert not abs(again.criterion - fit.criterion - 2 * (df + 1) * np.log(c)) < 1, "control"

    def test_labels_of_levels(self, fitted: Fitted, data: str, formula: str, reml: bool):
        """Other names in another order: the same fit, effects found under the new names."""
        fit = fitted(data, formula, reml)
        frame = bm.load_dataset(data)
        group = fit.design.factors[-1].name
        old = frame[group].astype(str)
        names = {level: f"z{(i * 7) % 97:02d}" for i, level in enumerate(old.unique())}
        assert len(set(names.values())) == len(names)
        frame[group] = old.map(names)
        again = bm.lmer(formula, frame, reml=reml)
        assert abs(again.criterion - fit.criterion) < CRITERION
        before = fit.ranef()[group].rename(index=names).sort_index()
        after = again.ranef()[group].sort_index()
        np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("reml", [True, False])
def test_reparametrisation_of_the_fixed_effects(fitted: Fitted, reml: bool):
    """X -> XA: the same fit, beta -> A^-1 beta; REML's criterion moves by 2 log|det A|."""
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)", reml)
    frame = bm.load_dataset("sleepstudy").assign(new=lambda d: 3 * d["Days"] - 40)
    again = bm.lmer("Reaction ~ new + (Days | Subject)", frame, reml=reml)
    moved = 2 * np.log(3) if reml else 0
    assert abs(again.criterion - fit.criterion - moved) < CRITERION
    np.testing.assert_allclose(again.theta, fit.theta, rtol=THETA, atol=THETA)
    np.testing.assert_allclose(again.beta[1], fit.beta[1] / 3, rtol=1e-9)
    np.testing.assert_allclose(again.beta[0], fit.beta[0] + 40 / 3 * fit.beta[1], rtol=1e-9)
    np.testing.assert_allclose(again.fitted, fit.fitted, rtol=1e-7)


@pytest.mark.parametrize("reml", [True, False])
def test_badly_scaled_predictors_reach_the_same_optimum(reml: bool):
    """A raw year as slope, against the same model with the year centred: one model, one optimum."""
    frame = bm.load_dataset("sleepstudy").assign(year=lambda d: 1990 + d["Days"] * 30 / 9)
    frame["since"] = frame["year"] - 2005
    raw = bm.lmer("Reaction ~ year + (year | Subject)", frame, reml=reml)
    centred = bm.lmer("Reaction ~ since + (since | Subject)", frame, reml=reml)
    assert raw.optimum.converged
    assert abs(raw.criterion - centred.criterion) < 1e-7
    # Var(b0 + b1 year) is the same function of the year.
    at = np.array([[1.0, 1995.0], [1.0, 2015.0]])
    move = np.array([[1.0, -2005.0], [0.0, 1.0]])
    one = at @ raw.varcorr.terms[0].cov @ at.T
    other = at @ move @ centred.varcorr.terms[0].cov @ (at @ move).T
    np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose(raw.fitted, centred.fitted, rtol=1e-6)


@pytest.mark.parametrize("factor", [1e-8, 1e8])
def test_units_of_a_covariate(fitted: Fitted, factor: float):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)", False)
    frame = bm.load_dataset("sleepstudy")
    frame["Days"] = frame["Days"] * factor
    # A slope of 1e8 has a theta of 1e-9: lme4 calls that singular, whatever the correlation.
    again = quiet("Reaction ~ Days + (Days | Subject)", frame, reml=False)
    assert abs(again.criterion - fit.criterion) < CRITERION
    np.testing.assert_allclose(again.theta * [1, factor, factor], fit.theta, rtol=THETA)


def test_two_slopes_of_one_factor_where_lme4_stops_early():
    """Its optimum is the best of many starts, found by a search of its own."""
    rng = np.random.default_rng(31)
    J, m = 60, 10
    g = np.repeat(np.arange(J), m)
    x, z = rng.uniform(0, 1000, J * m), rng.normal(size=J * m) * 1e-3
    b = rng.normal(size=(J, 4)) * [30, 0.05, 10, 2e4]
    y = b[g, 0] + b[g, 2] + (2 + b[g, 1]) * x + (1e4 + b[g, 3]) * z + 10 * rng.normal(size=J * m)
    frame = pd.DataFrame({"y": y, "x": x, "z": z, "g": g.astype(str)})
    fit = quiet("y ~ x + z + (x | g) + (0 + z | g)", frame, reml=False)
    assert fit.optimum.converged
    assert stays_below_neighbours(fit)
    unit = frame.assign(x=frame["x"] / 1000, z=frame["z"] * 1000)
    same = quiet("y ~ x + z + (x | g) + (0 + z | g)", unit, reml=False)
    assert abs(same.criterion - fit.criterion) < 1e-7
