"""Tests of fixed effects against theory: balanced designs, dense algebra, changes of units."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError, PybootmlmError

SLEEP = "Reaction ~ Days + (Days | Subject)"


def sleep(**options: Any) -> bm.LmerFit:
    data = bm.load_dataset("sleepstudy")
    data["w"] = 1.0 + np.arange(len(data)) % 3
    data["Reaction"] += 30 * data["w"]
    return bm.lmer(options.pop("formula", SLEEP), data, **options)


def dense_kenward_roger(fit: bm.LmerFit) -> np.ndarray:
    """The adjusted covariance matrix from n-by-n matrices, term by term as in the paper."""
    n, X = fit.nobs, fit.design.X
    weights = fit.weights.to_numpy()
    G, values = [], []
    for term, variance in zip(fit.design.terms, fit.varcorr.terms, strict=True):
        codes = fit.design.factors[term.factor].codes
        same = codes[:, None] == codes[None]
        for b in range(term.Z.shape[1]):
            for a in range(b, term.Z.shape[1]):
                product = np.outer(term.Z[:, a], term.Z[:, b])
                G.append(same * (product if a == b else product + product.T))
                values.append(variance.cov[a, b])
    G.append(np.diag(1 / weights))
    values.append(fit.sigma**2)
    inverse = np.linalg.inv(sum(v * g for v, g in zip(values, G, strict=True)))
    Phi = np.linalg.inv(X.T @ inverse @ X)
    r, p = len(G), X.shape[1]
    P = [-X.T @ inverse @ g @ inverse @ X for g in G]
    information, U = np.empty((r, r)), np.zeros((p, p))
    Q = [[X.T @ inverse @ g @ inverse @ h @ inverse @ X for h in G] for g in G]
    for i in range(r):
        for j in range(r):
            information[i, j] = (
                np.trace(G[i] @ inverse @ G[j] @ inverse)
                - 2 * np.trace(Phi @ Q[i][j])
                + np.trace(Phi @ P[i] @ Phi @ P[j])
            )
    W = 2 * np.linalg.inv(information)
    for i in range(r):
        for j in range(r):
            U += W[i, j] * (Q[i][j] - P[i] @ Phi @ P[j])
    assert n == len(X)
    return np.asarray(Phi + 2 * Phi @ U @ Phi)


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_balanced_designs_have_the_degrees_of_freedom_of_analysis_of_variance(ddf: str):
    """Whole plots: 45 less 3 recipes; split plots: 225 less their effects. Of a mean: J - 1."""
    fit = bm.lmer("angle ~ recipe * temperature + (1 | recipe:replicate)", bm.load_dataset("cake"))
    table = bm.term_tests(fit, ddf=ddf).frame
    # Exact but for the Newton steps, which stop at a gradient of 1e-7.
    np.testing.assert_allclose(table["DenDF"], [42, 210, 210], rtol=1e-6)
    np.testing.assert_allclose(bm.fixed_tests(sleep(), ddf).frame["df"], 17, rtol=1e-6)
    dye = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    np.testing.assert_allclose(bm.fixed_tests(dye, ddf).frame["df"], 5, rtol=1e-6)


def test_the_f_test_of_a_split_plot_is_that_of_analysis_of_variance():
    """F of recipe: mean square between recipes over that of replicates within them."""
    data = bm.load_dataset("cake")
    fit = bm.lmer("angle ~ recipe * temperature + (1 | recipe:replicate)", data)
    plots = data.pivot_table("angle", "recipe", "replicate", observed=True)
    between = 15 * plots.mean(axis=1).var(ddof=1)
    within = plots.var(axis=1, ddof=1).mean()
    for ddf in ("satterthwaite", "kenward-roger"):
        found = bm.term_tests(fit, ddf=ddf).frame.loc["recipe", "F value"]
        np.testing.assert_allclose(found, between / within, rtol=1e-6)


def test_in_balanced_designs_nothing_is_adjusted():
    fit = sleep()
    np.testing.assert_allclose(bm.vcov_adj(fit), fit.vcov, rtol=1e-6)


@pytest.mark.parametrize(
    "formula",
    [
        "Reaction ~ Days + (Days | Subject)",
        "Reaction ~ Days + (Days || Subject)",
        "Reaction ~ Days + (1 | Subject) + (1 | w)",
        "Reaction ~ Days + (Days | Subject) + (1 | w)",
    ],
)
def test_the_adjusted_covariance_is_that_of_dense_matrices(formula: str):
    fit = sleep(formula=formula, weights="w")
    expected = dense_kenward_roger(fit)
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    # Two routes of algebra in doubles; the dense one inverts 180 by 180.
    assert np.abs((bm.vcov_adj(fit) - expected) / size).to_numpy().max() < 1e-8
    # Control: the weights matter.
    other = dense_kenward_roger(sleep(formula=formula).at_theta(fit.theta))
    assert np.abs((bm.vcov_adj(fit) - other) / size).to_numpy().max() > 1e-3


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_units_do_not_matter(ddf: str):
    """t, df and p are the same in millihours and hours, days and hours."""
    data = bm.load_dataset("sleepstudy").drop(index=[3, 4, 50, 77, 90])
    data["slow"] = data["Reaction"] / 1000
    data["hours"] = data["Days"] * 24.0
    one = bm.fixed_tests(bm.lmer(SLEEP, data), ddf).frame
    two = bm.fixed_tests(bm.lmer("slow ~ hours + (hours | Subject)", data), ddf).frame
    for name in ("df", "t value"):
        np.testing.assert_allclose(one[name], two[name].to_numpy(), rtol=1e-5)


def test_types_of_tests_do_not_depend_on_the_coding():
    data = bm.load_dataset("cake").drop(index=[0, 1, 2, 40, 41, 100, 150, 151, 200])
    formula = "angle ~ recipe * temperature + (1 | recipe:replicate)"
    coding = {"recipe": "contr.sum", "temperature": "contr.helmert"}
    one, two = bm.lmer(formula, data), bm.lmer(formula, data, contrasts=coding)
    for kind in (1, 3):
        a, b = (bm.term_tests(fit, kind, ddf="kenward-roger").frame for fit in (one, two))
        np.testing.assert_allclose(a["F value"], b["F value"].to_numpy(), rtol=1e-6)
    # Control: the types differ from each other in these data.
    first, third = (bm.term_tests(one, kind).frame["F value"] for kind in (1, 3))
    assert abs(first["recipe"] - third["recipe"]) > 1e-4


def test_infinitely_many_degrees_of_freedom_are_those_of_wald():
    fit = sleep(reml=False)
    table = bm.contest(fit, np.eye(2), ddf="asymptotic").frame
    wald = fit.beta @ np.linalg.solve(fit.vcov.to_numpy(), fit.beta)
    np.testing.assert_allclose(table["NumDF"] * table["F value"], wald, rtol=1e-10)
    assert np.isinf(table["DenDF"]).all()


def test_contrasts_by_name_and_by_number_are_the_same():
    fit = sleep()
    by_name = bm.contest(fit, {"Days": 2}, joint=False).frame
    by_number = bm.contest(fit, [0, 2], joint=False).frame
    by_frame = bm.contest(fit, pd.DataFrame({"Days": [2.0]}, index=["twice"]), joint=False).frame
    assert by_name.to_numpy().tolist() == by_number.to_numpy().tolist()
    assert by_frame.index.tolist() == ["twice"]
    assert by_frame.to_numpy().tolist() == by_number.to_numpy().tolist()


def test_dependent_rows_count_once():
    fit = sleep()
    for ddf in ("satterthwaite", "kenward-roger", "asymptotic"):
        one = bm.contest(fit, np.eye(2), ddf=ddf).frame
        two = bm.contest(fit, [[1, 0], [0, 1], [1, 1]], ddf=ddf).frame
        assert two["NumDF"].iloc[0] == 2
        np.testing.assert_allclose(one["F value"], two["F value"], rtol=1e-8)


def test_a_singular_fit_is_tested_all_the_same():
    with pytest.warns(bm.exceptions.SingularFitWarning):
        fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff2"))
    for ddf in ("satterthwaite", "kenward-roger"):
        table = bm.fixed_tests(fit, ddf).frame
        assert np.isfinite(table.to_numpy()).all()
        assert (table["df"] > 1).all()


def test_wrong_arguments_are_named():
    fit = sleep()
    calls: list[tuple[Any, str]] = [
        (lambda: bm.fixed_tests(fit, "kr"), "`ddf`"),
        (lambda: bm.fixed_tests(None), "`fit`"),
        (lambda: bm.term_tests(fit, 4), "`type`"),
        (lambda: bm.term_tests(fit, True), "`type`"),
        (lambda: bm.contest(fit, "days"), "`days`"),
        (lambda: bm.contest(fit, [1, 2, 3]), "`L`"),
        (lambda: bm.contest(fit, np.zeros((0, 2))), "`L`"),
        (lambda: bm.contest(fit, [[np.nan, 1]]), "`L`"),
        (lambda: bm.contest(fit, np.eye(2), rhs=[1, 2, 3]), "`rhs`"),
        (lambda: bm.contest(fit, [[1, 1], [2, 2]], rhs=[1, 3]), "`rhs`"),
        (lambda: bm.contest(fit, "Days", joint=1), "`joint`"),
        (lambda: bm.contest(fit, "Days", level=95), "`level`"),
    ]
    for call, named in calls:
        with pytest.raises(PybootmlmError, match=named) as raised:
            call()
        assert isinstance(raised.value, ArgumentError)


def test_maximum_likelihood_has_no_kenward_roger():
    with pytest.raises(ModelError, match="REML"):
        bm.vcov_adj(sleep(reml=False))
