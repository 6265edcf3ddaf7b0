"""Effects, coefficients and components against dense algebra and what they must satisfy."""

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ("Pastes", "strength ~ 1 + (1 | batch/cask)"),
    ("cake", "angle ~ recipe + (temp | replicate) + (1 | recipe:replicate)"),
]


@pytest.fixture(scope="module", params=MODELS, ids=[f"{d}: {f}" for d, f in MODELS])
def fit(request):
    data, formula = request.param
    found = bm.lmer(formula, bm.load_dataset(data))
    # Away from the optimum and from the boundary nothing is special.
    return found.at_theta(np.linspace(0.3, 0.9, found.theta.size))


@pytest.mark.parametrize("dense_up_to", [100, 0], ids=["dense", "sparse"])
def test_conditional_covariances_are_the_dense_inverse(fit, dense_up_to, monkeypatch):
    monkeypatch.setattr("pybootmlm.lmm.several_factors.sweep.DENSE_UP_TO", dense_up_to)
    Z, L = fit.getME("Z").toarray(), fit.getME("Lambda").toarray()
    dense = fit.sigma**2 * L @ np.linalg.inv(L.T @ Z.T @ Z @ L + np.eye(len(L))) @ L.T
    first = 0
    used = dict.fromkeys(fit.ngrps.index, 0)
    covariances = fit.ranef(cond_var=True).covariances
    for term in fit.design.terms:
        factor = fit.design.factors[term.factor]
        J, q = len(factor.levels), len(term.names)
        at = used[factor.name]
        for j in range(J):
            rows = slice(first + j * q, first + (j + 1) * q)
            block = covariances[factor.name][j, at : at + q, at : at + q]
            # Two inversions of matrices with condition numbers below 1e6.
            np.testing.assert_allclose(block, dense[rows, rows], rtol=1e-9, atol=1e-12)
        first += J * q
        used[factor.name] += q


def test_terms_of_one_factor_covary_given_the_data():
    fit = bm.lmer("Reaction ~ Days + (Days || Subject)", bm.load_dataset("sleepstudy"))
    covariance = fit.ranef(cond_var=True).covariances["Subject"]
    Z, L = fit.getME("Z").toarray(), fit.getME("Lambda").toarray()
    dense = fit.sigma**2 * L @ np.linalg.inv(L.T @ Z.T @ Z @ L + np.eye(36)) @ L.T
    np.testing.assert_allclose(covariance[:, 0, 1], np.diag(dense[:18, 18:]), rtol=1e-9)
    assert (covariance[:, 0, 1] < 0).all()


def test_coefficients_are_the_sum_of_their_parts(fit):
    for name, frame in fit.coef().items():
        effects = fit.ranef()[name]
        for column in frame.columns:
            fixed = fit.fixef.get(column, 0.0)
            own = effects.get(column, 0.0)
            np.testing.assert_allclose(frame[column], fixed + own, rtol=1e-14)


def test_coefficients_add_every_effect_of_a_name():
    """lme4 adds the first of two effects of one name twice (1.1-37 as well)."""
    data = bm.load_dataset("sleepstudy")
    fit = bm.lmer("Reaction ~ Days + (1 | Subject) + (1 + Days | Subject)", data)
    fit = fit.at_theta([0.5, 0.7, 0.01, 0.2])
    effects = fit.ranef()["Subject"]
    expected = fit.fixef["(Intercept)"] + effects["(Intercept)"].sum(axis=1)
    np.testing.assert_allclose(fit.coef()["Subject"]["(Intercept)"], expected, rtol=1e-14)


def test_principal_components_rebuild_the_covariance(fit):
    for f, factor in enumerate(fit.design.factors):
        found = fit.re_pca()[factor.name]
        members = [i for i, t in enumerate(fit.design.terms) if t.factor == f]
        at, expected = 0, np.zeros((len(found.names),) * 2)
        for i in members:
            cov = fit.varcorr.terms[i].cov / fit.sigma**2
            expected[at : at + len(cov), at : at + len(cov)] = cov
            at += len(cov)
        rebuilt = found.rotation @ np.diag(found.sdev**2) @ found.rotation.T
        np.testing.assert_allclose(rebuilt, expected, atol=1e-13)
        assert found.importance.loc["Cumulative Proportion"].iloc[-1] == pytest.approx(1)


def test_cholesky_factor_is_lower_triangular(fit):
    L = fit.getME("L").toarray()
    assert not np.triu(L, 1).any()
    assert (np.diag(L) > 0).all()


def test_every_component_can_be_had(fit):
    from pybootmlm.lmm.components import COMPONENTS

    for name in COMPONENTS:
        assert fit.getME(name) is not None


def test_what_a_refit_view_answers_is_what_its_fit_answers():
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    seen = []

    def statistic(m):
        for name in ("coef", "re_pca", "ranef", "residuals", "model_frame"):
            getattr(m, name)()
        seen.append(bm.ranef(m)["Batch"].iloc[0, 0])
        return m.ranef()["Batch"].iloc[0, 0]

    boot = bm.bootstrap_mer(fit, statistic, 3, rng=1)
    assert seen == [boot.t0[0], *boot.t[:, 0]]


def test_bad_input_is_named():
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    with pytest.raises(ArgumentError, match=r"`type` must be one of 'response', .*'partial'"):
        fit.residuals("partial")
    with pytest.raises(ArgumentError, match="`scaled` must be True or False"):
        fit.residuals(scaled=1)
    with pytest.raises(ArgumentError, match="`type` must be one of 'fixed', 'random'"):
        fit.model_matrix("both")
    with pytest.raises(ArgumentError, match="ranef\\(cond_var=True\\)"):
        _ = fit.ranef().std_errors
    with pytest.raises(ArgumentError, match="`name` must be one of A, Gp"):
        fit.getME(3)
    with pytest.raises(ArgumentError, match="`fit` must be a fit made by `lmer`; got DataFrame"):
        bm.ranef(pd.DataFrame())
    with pytest.raises(ArgumentError, match="`k` must be a number"):
        fit.extract_aic("2")


def test_exactly_fitted_rows_have_no_studentised_residual():
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    assert np.isfinite(fit.rstudent).all()
    data = pd.DataFrame({"y": [1.0, 2, 3, 5, 4, 9], "g": list("aabbcc"), "d": [0, 0, 0, 0, 0, 1.0]})
    exact = bm.lmer("y ~ d + (1 | g)", data)
    assert exact.hatvalues.iloc[-1] == pytest.approx(1)
    assert not np.isfinite(exact.rstudent.iloc[-1])
