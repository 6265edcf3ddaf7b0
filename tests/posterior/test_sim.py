"""Drawn effects against the exact covariance of the errors of prediction; bad input."""

from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, DataError, PybootmlmError

NSIM = 8000
# A standard deviation of 8000 normals is known to 1/sqrt(16000) = 0.8 percent: four of these.
SPREAD = 0.032


def sleep(**options: Any) -> bm.LmerFit:
    data = bm.load_dataset("sleepstudy")
    data["w"] = 1.0 + np.arange(len(data)) % 3
    data["Reaction"] += 20 * data["w"]
    return bm.lmer(options.pop("formula", "Reaction ~ Days + (Days | Subject)"), data, **options)


def henderson(fit: bm.LmerFit) -> np.ndarray:
    """Covariance of (beta, b) given the data: the inverse of the mixed-model equations."""
    X, Z = fit.design.X, fit.getME("Z").toarray()
    W, Lambda = np.diag(fit.weights), fit.getME("Lambda").toarray()
    G_inverse = np.linalg.inv(Lambda @ Lambda.T)
    top = np.hstack([X.T @ W @ X, X.T @ W @ Z])
    bottom = np.hstack([Z.T @ W @ X, Z.T @ W @ Z + G_inverse])
    return np.asarray(fit.sigma**2 * np.linalg.inv(np.vstack([top, bottom])))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weights": "w"},
        {"formula": "Reaction ~ Days + (1 | Subject) + (1 | w)", "weights": "w"},
    ],
)
def test_draws_have_the_mean_and_covariance_of_hendersons_equations(options: dict[str, Any]):
    fit = sleep(**options)
    drawn = bm.sim(fit, NSIM, draw_sigma=False, rng=1)
    flat = [values.reshape(NSIM, -1) for values in drawn.ranef.values()]
    values = np.hstack([drawn.fixef, *flat])
    exact = henderson(fit)
    sd = np.sqrt(np.diag(exact))
    np.testing.assert_allclose(values.std(axis=0, ddof=1), sd, rtol=SPREAD)
    cor = np.corrcoef(values, rowvar=False)
    assert np.abs(cor - exact / np.outer(sd, sd)).max() < 4.5 / np.sqrt(NSIM)
    middle = np.concatenate([fit.beta, fit.b])
    assert np.abs((values.mean(axis=0) - middle) / sd).max() < 4.5 / np.sqrt(NSIM)
    # Control: fixed and random effects are not independent.
    assert np.abs(cor[:2, 2:]).max() > 0.1


@pytest.mark.parametrize("reml", [True, False])
def test_sigma_is_drawn_unless_it_is_to_stay(reml: bool):
    fit = sleep(reml=reml)
    assert (bm.sim(fit, 10, draw_sigma=False, rng=1).sigma == fit.sigma).all()
    drawn = bm.sim(fit, NSIM, rng=1).sigma
    # pwrss over a chi-square of n - p degrees of freedom; E(1/chi-square of v) = 1/(v - 2).
    df = fit.nobs - 2
    pwrss = fit.sigma**2 * (df if reml else fit.nobs)
    np.testing.assert_allclose(np.mean(drawn**2), pwrss / (df - 2), rtol=0.005)
    assert drawn.std() > 0


def test_summaries_are_those_of_the_draws():
    fit = sleep()
    drawn = bm.sim(fit, 300, rng=4)
    random, fixed = bm.re_sim(fit, 300, level=0.8, rng=4), bm.fe_sim(fit, 300, rng=4)
    np.testing.assert_allclose(fixed["mean"], drawn.fixef.mean())
    one = drawn.ranef["Subject"][:, 3, 1]
    row = random[(random["groupID"] == "330") & (random["term"] == "Days")].iloc[0]
    np.testing.assert_allclose(row["median"], np.median(one))
    np.testing.assert_allclose(row["sd"], one.std(ddof=1))
    np.testing.assert_allclose([row["lower"], row["upper"]], np.quantile(one, [0.1, 0.9]))


@pytest.mark.parametrize(
    "formula", ["Reaction ~ Days + (Days | Subject)", "Reaction ~ Days + (1 | Subject) + (1 | w)"]
)
def test_intervals_of_the_mean_are_those_of_its_standard_error(formula: str):
    fit = sleep(formula=formula)
    found = bm.predict_interval(fit, level=0.95, nsim=NSIM, include_resid_var=False, rng=2)
    exact = fit.predict(se_fit=True)
    width = (found["upr"] - found["lwr"]) / exact["se_fit"] / (2 * 1.96)
    # A quantile of 8000 draws is known to 2.5 percent, in 180 rows to 4 times that at worst; the
    # t distribution that the drawn sigma brings is 1 percent wider.
    np.testing.assert_allclose(width.mean(), 1.01, atol=0.02)
    assert np.abs(width - 1).max() < 0.1
    np.testing.assert_allclose(found["fit"], exact["fit"], atol=0.06 * exact["se_fit"].max())


def test_an_error_and_a_new_level_widen_an_interval_as_their_variance_says():
    data = bm.load_dataset("Dyestuff")
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", data)
    new = data.head(1).assign(Batch="Z")
    found = bm.predict_interval(
        fit, new, level=0.95, nsim=40_000, allow_new_levels=True, rng=3
    ).iloc[0]
    tau = fit.theta[0] * fit.sigma
    sd = np.sqrt(fit.std_errors.iloc[0] ** 2 + tau**2 + fit.sigma**2)
    # t with 29 degrees of freedom: sigma is drawn, theta is not.
    np.testing.assert_allclose(found["upr"] - found["lwr"], 2 * 2.0452 * sd, rtol=0.03)
    with pytest.raises(DataError, match="`Batch`"):
        bm.predict_interval(fit, new)


def test_effects_add_up_and_weights_count():
    fit = sleep(weights="w")
    full, fixed, random = (
        bm.predict_interval(fit, nsim=50, which=w, stat="mean", include_resid_var=False, rng=5)
        for w in ("full", "fixed", "random")
    )
    np.testing.assert_allclose(full["fit"], fixed["fit"] + random["fit"], rtol=1e-10)
    wide = bm.predict_interval(fit, nsim=4000, rng=5)
    narrow = wide["upr"] - wide["lwr"]
    w = fit.weights.to_numpy()
    assert narrow[w == 1].mean() > 1.3 * narrow[w == 3].mean()


def test_r_streams_and_generators_are_read():
    fit = sleep()
    for make in (lambda: bm.RStream(1), lambda: np.random.default_rng(1), lambda: 1):
        one, two = (bm.predict_interval(fit, nsim=20, rng=make()) for _ in range(2))
        assert one.equals(two)


def test_wrong_arguments_are_named():
    fit = sleep()
    calls: list[tuple[Any, str]] = [
        (lambda: bm.sim(fit, 0), "`nsim`"),
        (lambda: bm.sim(fit, draw_sigma=1), "`draw_sigma`"),
        (lambda: bm.sim(fit, draw_sigma=True, rng="a"), "`rng`"),
        (lambda: bm.sim(3), "`fit`"),
        (lambda: bm.re_sim(fit, level=95), "`level`"),
        (lambda: bm.fe_sim(fit, nsim=1.5), "`nsim`"),
        (lambda: bm.predict_interval(fit, stat="mode"), "`stat`"),
        (lambda: bm.predict_interval(fit, which="all"), "`which`"),
        (lambda: bm.predict_interval(fit, include_resid_var=1), "`include_resid_var`"),
        (lambda: bm.predict_interval(fit, level=0), "`level`"),
        (lambda: bm.predict_interval(None), "`fit`"),
    ]
    for call, named in calls:
        with pytest.raises(PybootmlmError, match=named) as raised:
            call()
        assert isinstance(raised.value, ArgumentError)
