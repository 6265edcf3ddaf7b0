"""Scores against dense n-by-n formulas, and their sums against the gradient of the likelihood.

Dense formulas: 1e-8 relative to the largest score of a column, a thousand times the rounding of
solves with V. Numerical gradients are fourth-order differences: 1e-6 in the same scale.
"""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

Array = np.ndarray
Fitted = Callable[..., bm.LmerFit]
SLEEP = "Reaction ~ Days + (Days | Subject)"
MODELS = [
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", None),
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", "w"),
    ("sleepstudy", SLEEP, None),
    ("sleepstudy", SLEEP, "w"),
    ("sleepstudy", "Reaction ~ Days + offset(3 * Days) + (Days || Subject)", None),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", "w"),
    ("Pastes", "strength ~ 1 + (1 | batch / cask)", None),
    ("Oxide", "Thickness ~ Source + (Source | Lot) + (1 | Lot:Wafer)", None),
]


def directions(fit: bm.LmerFit, textbook: ModuleType) -> list[Array]:
    """dV/dc_k (n, n) for each variance and covariance, in the order of theta."""
    out = []
    for term in fit.design.terms:
        factor = fit.design.factors[term.factor]
        J, q = len(factor.levels), len(term.names)
        Z = textbook.indicator_columns(term.Z, factor.codes, J)
        for c in range(q):
            for r in range(c, q):
                E = np.zeros((q, q))
                E[r, c] = E[c, r] = 1.0
                out.append(Z @ np.kron(np.eye(J), E) @ Z.T)
    return out


def dense_scores(fit: bm.LmerFit, textbook: ModuleType) -> Array:
    """The definition of row i's contribution, with Var(y) = sigma^2 V."""
    m = textbook.of_design(fit.design, fit.theta, fit.reml)
    s2 = m.sigma**2
    v = m.V_inverse @ m.eps
    B = m.P if fit.reml else m.V_inverse
    columns = [(m.V_inverse @ m.X) * m.eps[:, None] / s2]
    for dV in directions(fit, textbook):
        part = -np.diag(B @ dV) / s2 + (m.V_inverse @ dV @ v) * m.eps / s2**2
        columns.append(part[:, None] / 2)
    columns.append(((-m.df / m.n + v * m.eps / s2) / (2 * s2))[:, None])
    return np.hstack(columns)


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula", "weights"), MODELS)
def test_rows_against_dense_formulas(
    fitted: Fitted, textbook: ModuleType, data: str, formula: str, weights: str | None, reml: bool
):
    """At the optimum, and away from it, where the sums do not vanish."""
    fit = fitted(data, formula, reml, weights)
    for there in (fit, fit.at_theta(fit.theta * 1.2 + 0.05)):
        found, expected = bm.scores_mer(there, level=1), dense_scores(there, textbook)
        scale = np.abs(expected).max(axis=0)
        np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=1e-8)
        wrong = found.to_numpy().copy()
        wrong[3] *= 1.0001
        wrong[4] += 1e-4 * scale
        assert not np.allclose(wrong / scale, expected / scale, rtol=0, atol=1e-8), "control"


def log_likelihood(fit: bm.LmerFit, textbook: ModuleType) -> Callable[[Array], float]:
    """Of beta, the (co)variances and sigma^2, beta profiled out under REML: textbook formula."""
    design = fit.design
    dVs = directions(fit, textbook)
    W_inverse = np.eye(fit.nobs) if design.weights is None else np.diag(1 / design.weights)
    y = design.y if design.offset is None else design.y - design.offset
    p, X = design.X.shape[1], design.X

    def value(x: Array) -> float:
        beta, c, s2 = x[:p], x[p:-1], x[-1]
        V = s2 * W_inverse + sum(ck * dV for ck, dV in zip(c, dVs, strict=True))
        inverse = np.linalg.inv(V)
        minus2 = np.linalg.slogdet(V)[1] + fit.solution.df * np.log(2 * np.pi)
        if fit.reml:
            XX = X.T @ inverse @ X
            minus2 += np.linalg.slogdet(XX)[1]
            # The restricted likelihood has no beta; an arbitrary move of it changes nothing.
            beta = np.linalg.solve(XX, X.T @ inverse @ y)
        r = y - X @ beta
        return float(-(minus2 + r @ inverse @ r) / 2)

    return value


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(
    ("data", "formula", "weights"), [m for m in MODELS if m[0] not in ("sleepstudy", "Penicillin")]
)
def test_column_sums_are_the_gradient_of_the_log_likelihood(
    fitted: Fitted, textbook: ModuleType, data: str, formula: str, weights: str | None, reml: bool
):
    fit = fitted(data, formula, reml, weights)
    there = fit.at_theta(fit.theta * 1.2 + 0.05)
    frame = there.varcorr.to_frame(order="lower.tri")
    at = np.concatenate([there.beta, frame["vcov"]])
    gradient = textbook.central_gradient(log_likelihood(there, textbook), at)
    p, s2 = there.beta.size, there.sigma**2
    # bootmlm's score of sigma^2 holds theta fixed: all (co)variances move in proportion to it.
    gradient[-1] += gradient[p:-1] @ at[p:-1] / s2
    scores = bm.scores_mer(there, level=1)
    scale = np.abs(scores).max(axis=0).to_numpy()
    np.testing.assert_allclose(scores.sum() / scale, gradient / scale, rtol=0, atol=1e-6)
    assert np.abs(gradient[p:-1]).max() > 1e-4 * scale[p:-1].max(), "not trivially zero"


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(
    ("data", "formula"),
    [
        ("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
        ("sleepstudy", SLEEP),
        ("hsb", "mathach ~ meanses + ses + (ses | id)"),
        ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ],
)
def test_sums_vanish_at_an_optimum_inside(fitted: Fitted, data: str, formula: str, reml: bool):
    fit = fitted(data, formula, reml)
    scores = bm.scores_mer(fit, level=1)
    # A Newton decrement of 1e-7 is a gradient of 1e-7 root information, a small share of the
    # root sum of squares of the scores.
    size = np.sqrt((scores**2).sum())
    assert (scores.sum().abs() < 1e-6 * size).all()


def test_on_the_boundary_the_score_points_outwards(fitted: Fitted):
    scores = bm.scores_mer(fitted("Dyestuff2", "Yield ~ 1 + (1 | Batch)", False)).sum()
    assert scores["var_(Intercept)|Batch"] < -1e-3
    assert abs(scores["(Intercept)"]) < 1e-10
    assert abs(scores["sigma2"]) < 1e-10


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize("weights", [None, "w"])
def test_clusters_are_sums_of_their_rows(fitted: Fitted, weights: str | None, reml: bool):
    fit = fitted("sleepstudy", SLEEP, reml, weights)
    rows, clusters = bm.scores_mer(fit, level=1), bm.scores_mer(fit)
    group = fit.getME("flist")["Subject"]
    expected = rows.groupby(group, observed=True).sum()
    np.testing.assert_allclose(clusters, expected.loc[clusters.index], rtol=1e-12, atol=1e-12)
    assert clusters.index.tolist() == list(fit.design.factors[0].levels)
    assert clusters.index.name == "Subject"
    pd.testing.assert_frame_equal(bm.scores_mer(fit, level=2), clusters)


def test_names(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    rows = bm.scores_mer(fit, level=1)
    assert rows.columns.tolist() == [
        *("(Intercept)", "Days", "var_(Intercept)|Subject"),
        *("cov_Days.(Intercept)|Subject", "var_Days|Subject", "sigma2"),
    ]
    assert rows.index.equals(bm.load_dataset("sleepstudy").index)


def test_several_factors_have_no_clusters(fitted: Fitted):
    fit = fitted("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")
    with pytest.raises(ArgumentError, match=r"`level` must be 1 .* this one has `plate`, `sample`"):
        bm.scores_mer(fit)
    assert len(bm.scores_mer(fit, level=1)) == 144


@pytest.mark.parametrize("level", [0, 3, "1", None])
def test_level_out_of_range(fitted: Fitted, level: object):
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)")
    with pytest.raises(ArgumentError, match=r"`level` must be 1 \(rows\) or 2 \(clusters\); got"):
        bm.scores_mer(fit, level=level)  # type: ignore[arg-type]
