"""Every number of a fit against dense algebra in units of the data; what is derived from it.

V of these data has a condition below 1e5 and the response up to five digits before the point:
1e-8 relative is far from what any wrong formula gives, and a thousand times rounding.
"""

import copy
import dataclasses
import pickle
import warnings
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError, SingularFitWarning

Fitted = Callable[..., bm.LmerFit]
CLOSE = {"rtol": 1e-8, "atol": 1e-8}
SLEEP = "Reaction ~ Days + (Days | Subject)"

MODELS = {
    "intercepts": ("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
    "singular": ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    "slopes": ("sleepstudy", SLEEP),
    "uncorrelated": ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    "slope only": ("sleepstudy", "Reaction ~ Days + (0 + Days | Subject)"),
    "three effects": ("sleepstudy", "Reaction ~ Days + (Days + I(Days^2 / 9) | Subject)"),
    "crossed": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    "nested": ("Pastes", "strength ~ 1 + (1 | batch / cask)"),
    "nested slopes": ("Oxide", "Thickness ~ Source + (Source | Lot) + (1 | Lot:Wafer)"),
    "interaction": ("Orthodont", "distance ~ age * Sex + (age | Subject)"),
    "no fixed effects": ("Dyestuff", "I(Yield - 1500) ~ 0 + (1 | Batch)"),
}


def make(name: str, reml: bool, extras: bool) -> bm.LmerFit:
    """A model of the list, with prior weights and an offset or without."""
    data, formula = MODELS[name]
    frame = bm.load_dataset(data)
    rng = np.random.default_rng(1)
    n = len(frame)
    options = (
        {"weights": rng.uniform(0.2, 5, n), "offset": rng.normal(size=n) * 10} if extras else {}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return bm.lmer(formula, frame, reml=reml, **options)


@pytest.fixture(scope="module", params=MODELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("extras", [False, True], ids=["plain", "weights and offset"])
@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
def test_against_dense_algebra(name: str, reml: bool, extras: bool, textbook: ModuleType):
    fit = make(name, reml, extras)
    model = textbook.of_design(fit.design, fit.theta, fit.reml)
    p = model.p
    close = np.testing.assert_allclose
    close(fit.criterion, model.criterion, rtol=1e-10)
    close(fit.loglik, -model.criterion / 2, rtol=1e-10)
    close(fit.beta, model.beta, **CLOSE)
    close(fit.sigma, model.sigma, **CLOSE)
    close(fit.vcov, model.vcov, rtol=1e-7, atol=1e-9)
    close(fit.std_errors, np.sqrt(np.diag(model.vcov)), **CLOSE)
    # Modes near a singular Lambda are small differences of large numbers.
    scale = np.abs(model.eps).max()
    close(fit.u, model.u, rtol=1e-7, atol=1e-8 * scale)
    close(fit.b, model.b, rtol=1e-7, atol=1e-8 * scale)
    close(fit.mu, model.mu, **CLOSE)
    close(fit.fitted, model.mu, **CLOSE)
    close(fit.resid, model.y - model.mu, rtol=1e-7, atol=1e-8 * scale)
    close(fit.hatvalues, model.hat_diagonal, **CLOSE)
    other = textbook.of_design(fit.design, fit.theta, not fit.reml and p > 0)
    close(
        fit.deviance if fit.reml else fit.reml_criterion,
        other.criterion if p else fit.criterion,
        rtol=1e-10,
    )
    wrong = textbook.of_design(fit.design, fit.theta + 1e-4, fit.reml)
    assert not np.allclose(fit.mu, wrong.mu, **CLOSE), "control"


def test_counts_and_information_criteria(name: str):
    fit = make(name, True, False)
    k = fit.beta.size + fit.theta.size + 1
    assert fit.nobs == len(fit.design.y)
    assert fit.df_resid == fit.nobs - k
    np.testing.assert_allclose(fit.aic, -2 * fit.loglik + 2 * k, rtol=1e-14)
    np.testing.assert_allclose(fit.bic, -2 * fit.loglik + np.log(fit.nobs) * k, rtol=1e-14)
    assert fit.criterion == (fit.reml_criterion if fit.reml else fit.deviance)
    for factor in fit.design.factors:
        assert fit.ngrps[factor.name] == len(set(factor.codes))


def test_hat_values_are_derivatives_of_the_fitted_values(fitted: Fitted):
    """d mu_i / d y_i at a fixed theta, by moving one response."""
    fit = fitted("sleepstudy", SLEEP)
    for i in (0, 77, 179):
        y = fit.design.y.copy()
        y[i] += 10.0
        moved = dataclasses.replace(fit, model=fit.model.with_response(y)).at_theta(fit.theta)
        # mu is linear in y at a fixed theta: no truncation error.
        np.testing.assert_allclose((moved.mu[i] - fit.mu[i]) / 10, fit.hat[i], rtol=1e-9)
    # Their sum is the effective number of parameters: between p and p + q.
    assert 2 < fit.hat.sum() < 2 + 36


def test_names(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    assert fit.fixef.to_dict() == dict(zip(["(Intercept)", "Days"], fit.beta, strict=True))
    assert fit.vcov.columns.tolist() == fit.vcov.index.tolist() == ["(Intercept)", "Days"]
    assert fit.fitted.index.equals(bm.load_dataset("sleepstudy").index)
    assert fit.formula == SLEEP
    frame = fit.ranef()["Subject"]
    assert frame.index.name == "Subject"
    assert frame.columns.tolist() == ["(Intercept)", "Days"]
    assert frame.index.tolist() == list(fit.design.factors[0].levels)
    np.testing.assert_array_equal(frame.to_numpy().ravel(), fit.b)


def test_ranef_puts_the_terms_of_a_factor_side_by_side(fitted: Fitted):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days || Subject)")
    frame = fit.ranef()["Subject"]
    assert frame.columns.tolist() == ["(Intercept)", "Days"]
    # b runs term by term.
    np.testing.assert_array_equal(frame.to_numpy().T.ravel(), fit.b)
    crossed = fitted("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)").ranef()
    assert {k: len(v) for k, v in crossed.items()} == {"plate": 24, "sample": 6}


def test_rows_left_out_for_missing_values():
    """Omitted, row quantities skip them; excluded, they hold NaN there, as R's na.exclude."""
    frame = bm.load_dataset("sleepstudy")
    frame.loc[[3, 50], "Reaction"] = np.nan
    omit = bm.lmer(SLEEP, frame)
    exclude = bm.lmer(SLEEP, frame, na_action="exclude")
    assert omit.nobs == exclude.nobs == 178
    for quantity in ("fitted", "resid", "hatvalues"):
        short, long = getattr(omit, quantity), getattr(exclude, quantity)
        assert len(short) == 178
        assert 3 not in short.index
        assert long.index.equals(frame.index)
        assert long.isna().sum() == 2
        pd.testing.assert_series_equal(long.dropna(), short)
    assert len(exclude.mu) == 178


# ------------------------------------------------------------------ components


def test_components_make_up_the_fitted_values(name: str):
    """fitted = offset + X beta + Z Lambda u, with lme4's matrices, and b = Lambda u."""
    fit = make(name, True, True)
    get = fit.getME
    mu = get("offset") + get("X").to_numpy() @ get("beta") + get("Z") @ (get("Lambda") @ get("u"))
    np.testing.assert_allclose(mu, fit.mu, **CLOSE)
    np.testing.assert_allclose(get("Lambda") @ get("u"), get("b"), **CLOSE)
    np.testing.assert_array_equal(get("Zt").toarray(), get("Z").toarray().T)
    np.testing.assert_array_equal(get("Lambdat").toarray(), get("Lambda").toarray().T)
    assert get("Z").shape == (get("n"), get("q"))
    assert get("X").shape == (get("n"), get("p"))
    # (X'V^-1X) = RX'RX, so Var(beta) = sigma^2 (RX'RX)^-1.
    RX = get("RX")
    assert (np.tril(RX, -1) == 0).all()
    if get("p"):
        np.testing.assert_allclose(
            get("sigma") ** 2 * np.linalg.inv(RX.T @ RX), fit.vcov, rtol=1e-7, atol=1e-10
        )


def test_penalised_least_squares(name: str, textbook: ModuleType):
    """(beta, u) minimise |W^1/2 (y - o - X beta - Z Lambda u)|^2 + |u|^2 = pwrss = df sigma^2."""
    fit = make(name, False, True)
    get = fit.getME
    root = np.sqrt(get("weights"))[:, None]
    ZL = (get("Z") @ get("Lambda")).toarray()
    q = get("q")
    left = np.block([[root * get("X").to_numpy(), root * ZL], [np.zeros((q, get("p"))), np.eye(q)]])
    right = np.append(root[:, 0] * (get("y") - get("offset")), np.zeros(q))
    found, *_ = np.linalg.lstsq(left, right, rcond=None)
    np.testing.assert_allclose(found[: get("p")], fit.beta, rtol=1e-7)
    np.testing.assert_allclose(found[get("p") :], fit.u, rtol=1e-6, atol=1e-6)
    pwrss = ((right - left @ found) ** 2).sum()
    np.testing.assert_allclose(fit.nobs * fit.sigma**2, pwrss, rtol=1e-9)


def test_other_components(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    assert fit.getME("lower").tolist() == [0, -np.inf, 0]
    assert fit.getME("cnms") == [("Subject", ("(Intercept)", "Days"))]
    assert fit.getME("is_REML") is True
    assert fit.getME("weights").tolist() == [1.0] * 180
    assert fit.getME("offset").tolist() == [0.0] * 180
    flist = fit.getME("flist")
    assert flist["Subject"].astype(str).tolist() == (
        bm.load_dataset("sleepstudy")["Subject"].astype(str).tolist()
    )
    with pytest.raises(ArgumentError, match=r"`name` must be one of A, .*theta.*; got 'nothing'\."):
        fit.getME("nothing")


# ------------------------------------------------------------------ other thetas, other responses


def test_at_theta(fitted: Fitted, textbook: ModuleType):
    fit = fitted("sleepstudy", SLEEP)
    theta = np.array([0.5, -0.2, 0.3])
    there = fit.at_theta(theta)
    model = textbook.of_design(fit.design, theta, True)
    np.testing.assert_allclose(there.criterion, model.criterion, rtol=1e-11)
    np.testing.assert_allclose(there.beta, model.beta, **CLOSE)
    assert there.optimum is None
    np.testing.assert_array_equal(there.theta, theta)
    again = fit.at_theta(fit.theta)
    np.testing.assert_array_equal(again.beta, fit.beta)
    assert again.criterion == fit.criterion
    for wrong in ([1.0], [1.0, 2, np.nan], [[1.0, 2, 3]]):
        with pytest.raises(ArgumentError, match=r"`theta` must hold (3|finite) numbers"):
            fit.at_theta(wrong)


def test_refit(fitted: Fitted):
    """Another response is a fit of the data with that column; the same one changes nothing."""
    fit = fitted("sleepstudy", SLEEP)
    rng = np.random.default_rng(9)
    y = fit.mu + fit.sigma * rng.normal(size=180)
    fresh = bm.lmer(SLEEP, bm.load_dataset("sleepstudy").assign(Reaction=y))
    again = fit.refit(y)
    # Two searches from different starts: within the tolerance of the optimiser.
    np.testing.assert_allclose(again.theta, fresh.theta, rtol=1e-6, atol=1e-7)
    assert abs(again.criterion - fresh.criterion) < 1e-9
    np.testing.assert_array_equal(again.design.y, y)
    np.testing.assert_allclose(fit.refit().theta, fit.theta, rtol=1e-6, atol=1e-7)
    for wrong in (y[:-1], y[:, None], np.where(y > 300, np.nan, y)):
        with pytest.raises(
            ArgumentError, match="`y` must hold a finite number for each of the 180"
        ):
            fit.refit(wrong)


def test_refit_ml(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    ml = fitted("sleepstudy", SLEEP, False)
    np.testing.assert_allclose(fit.refit_ml().theta, ml.theta, rtol=1e-6, atol=1e-7)
    assert abs(fit.refit_ml().criterion - ml.criterion) < 1e-9
    assert ml.refit_ml() is ml


def test_is_singular(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    assert not fit.is_singular()
    assert fit.is_singular(tol=0.5), "theta_33 is 0.23"
    assert fit.at_theta([1.0, 0.5, 1e-5]).is_singular()
    assert not fit.at_theta([1.0, 0.0, 1.0]).is_singular(), "only the diagonal counts"


# ------------------------------------------------------------------ a frozen value


def test_a_fit_does_not_change(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.messages = ("changed",)  # type: ignore[misc]
    with pytest.raises(AttributeError):
        fit.theta = np.zeros(3)  # type: ignore[misc]
    for name in ("theta", "beta", "u", "b", "mu", "hat"):
        assert not getattr(fit, name).flags.writeable, name
    with pytest.raises(ValueError, match="read-only"):
        fit.beta[0] = 0.0


def test_a_fit_shares_no_array_with_its_caller(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    theta, y = fit.theta.copy(), fit.design.y.copy()
    there, again = fit.at_theta(theta), fit.refit(y)
    theta[:], y[:] = 9.0, 9.0
    np.testing.assert_array_equal(there.theta, fit.theta)
    np.testing.assert_array_equal(again.design.y, fit.design.y)


@pytest.mark.parametrize(
    ("data", "formula"), [MODELS["slopes"], MODELS["crossed"], MODELS["nested"]]
)
def test_a_fit_can_be_copied_and_stored(fitted: Fitted, data: str, formula: str):
    fit = fitted(data, formula)
    for twin in (copy.copy(fit), copy.deepcopy(fit), pickle.loads(pickle.dumps(fit))):
        assert twin.criterion == fit.criterion
        np.testing.assert_array_equal(twin.hat, fit.hat)
        np.testing.assert_array_equal(twin.refit().theta, fit.refit().theta)


def test_the_callers_arrays_are_left_alone():
    frame = bm.load_dataset("sleepstudy")
    weights = np.linspace(1, 2, 180)
    kept, w = frame.copy(), weights.copy()
    fit = bm.lmer(SLEEP, frame, weights=weights)
    y = fit.design.y + 1
    y0 = y.copy()
    fit.refit(y)
    pd.testing.assert_frame_equal(frame, kept)
    np.testing.assert_array_equal(weights, w)
    np.testing.assert_array_equal(y, y0)


def test_a_response_without_residual_is_refused():
    frame = pd.DataFrame({"x": np.arange(12.0), "g": list("abcd") * 3})
    frame["y"] = 3 * frame["x"] - 1
    with pytest.raises(ModelError, match="exact linear function of the fixed effects"):
        bm.lmer("y ~ x + (1 | g)", frame)
