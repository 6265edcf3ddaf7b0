"""Batched deletions against fits of the data written out; what is refused, and how."""

import warnings

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.refits import deletions
from pybootmlm.lmm.refits.deletions import refit_without


def messy() -> pd.DataFrame:
    """Unequal groups, shuffled rows, weights, an offset, and a column that crosses the groups."""
    rng = np.random.default_rng(3)
    g = rng.permutation(np.repeat(np.arange(9), [2, 3, 4, 5, 6, 8, 9, 11, 12]))
    x, h = rng.normal(size=g.size), rng.integers(0, 4, g.size)
    y = 3 + x + rng.normal(size=9)[g] * (1 + 0.5 * x) + 0.6 * rng.normal(size=4)[h]
    w, o = rng.uniform(0.4, 2.5, g.size), rng.normal(size=g.size)
    y += o + rng.normal(size=g.size) / np.sqrt(w)
    return pd.DataFrame({"y": y, "x": x, "g": [f"g{k}" for k in g], "h": h, "w": w, "o": o})


DATA = messy()
MODELS = {
    "one factor": "y ~ x + (x | g)",
    "uncorrelated": "y ~ x + (x || g)",
    "crossed": "y ~ x + (1 | g) + (1 | h)",
    "no fixed effects": "y ~ 0 + (1 | g)",
}


def fitted(formula: str, data: pd.DataFrame = DATA, **options) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
        return bm.lmer(formula, data, **options)


def written_out(fit: bm.LmerFit, rows: np.ndarray) -> bm.LmerFit:
    return fitted(fit.formula, DATA[rows], reml=fit.reml, weights="w", offset="o")


def test_sparse_elimination_gives_the_same(monkeypatch):
    fit = fitted(MODELS["crossed"])
    dense = fit.influence("h").fixed_without
    monkeypatch.setattr("pybootmlm.lmm.several_factors.sweep.DENSE_UP_TO", 0)
    np.testing.assert_allclose(fit.influence("h").fixed_without, dense, rtol=1e-6)


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize("formula", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("groups", ["g", "h", None], ids=["g", "h", "rows"])
def test_deletions_are_fits_of_what_is_left(formula, groups, reml):
    fit = fitted(formula, reml=reml, weights="w", offset="o")
    found = fit.influence(groups)
    labels = DATA.index if groups is None else DATA[groups]
    every = found.fixed_without.index
    for label in every if groups else every[::17]:
        one = written_out(fit, (labels != label).to_numpy() if groups else labels != label)
        # Both stop where half the squared Newton decrement is below 1e-14.
        np.testing.assert_allclose(
            found.var_cov_without.loc[label, "sigma^2"], one.sigma**2, rtol=2e-5
        )
        np.testing.assert_allclose(found.fixed_without.loc[label], one.beta, rtol=1e-4, atol=1e-5)
        at = found.fixed_without.index.get_loc(label)
        np.testing.assert_allclose(found.vcov_without[at], one.vcov, rtol=1e-3, atol=1e-7)


def test_batches_do_not_matter(monkeypatch):
    fit = fitted(MODELS["one factor"])
    whole = fit.influence()
    monkeypatch.setattr("pybootmlm.lmm.refits.one_factor.BATCH_ELEMENTS", 2000)
    member = np.arange(fit.nobs)
    assert len(list(refit_without(fit, member, fit.nobs))) > 5
    np.testing.assert_allclose(fit.influence().fixed_without, whole.fixed_without, rtol=1e-6)


def test_moments_are_those_of_the_rows_that_stay():
    """Exact: what the batch engine is given equals what a model of these rows would give it."""
    fit = fitted(MODELS["one factor"], weights="w")
    problem = fit.model.problem
    member = np.random.default_rng(1).integers(0, 5, fit.nobs)
    made = deletions.ThinnedMoments(problem, member, 5)(np.arange(5))
    for k in range(5):
        kept = member != k
        rows = np.column_stack([problem.Q, problem.y])[kept]
        # Total cross-products: between groups plus within.
        coordinates = np.concatenate([made.fX[:, :, k], made.fy[:, None, k]], axis=1)
        between = np.einsum("qaj,qbj->ab", coordinates, coordinates)
        W = np.zeros_like(between)
        W[:-1, :-1], W[-1, -1] = made.WXX[:, :, k], made.Wyy[k]
        W[:-1, -1] = W[-1, :-1] = made.WXy[:, k]
        np.testing.assert_allclose(between + W, rows.T @ rows, rtol=1e-10, atol=1e-12)
        Z, codes = problem.Z[kept], problem.rows.qr.codes[kept]
        for j in range(9):
            F = made.F[:, :, k, j]
            own = Z[codes == j]
            np.testing.assert_allclose(F.T @ F, own.T @ own, rtol=1e-10, atol=1e-12)


def test_a_set_whose_deletion_leaves_no_fit_says_so():
    data = DATA.assign(d=(DATA["h"] == 2).astype(float))
    for formula in ("y ~ d + (1 | g)", "y ~ d + (1 | g) + (1 | h)"):
        found = fitted(formula, data).influence("h")
        assert found.fixed_without.loc[2].isna().all()
        assert found.messages.loc[2] == "the fixed effects of this data set are not identifiable"
        assert np.isnan(found.cooks_distance.loc[2])
        others = found.fixed_without.drop(index=2)
        assert np.isfinite(others).all(axis=None)
        assert (found.messages.drop(index=2) == "").all()


def test_cooks_distance_by_row_agrees_with_refits_where_variances_hardly_move():
    """The closed form ignores that theta moves; for a large balanced data set it hardly does."""
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    closed = fit.cooks_distance
    h, r = fit.hatvalues, fit.residuals("pearson")
    np.testing.assert_allclose(closed, r**2 * h / (fit.sigma**2 * (1 - h) ** 2), rtol=1e-12)


def test_interactions_and_case_labels():
    data = bm.load_dataset("Pastes")
    fit = bm.lmer("strength ~ 1 + (1 | batch/cask)", data.set_index(data.index + 100))
    assert fit.influence().fixed_without.index[:2].tolist() == [100, 101]
    assert len(fit.influence("cask:batch").fixed_without) == 30


@pytest.mark.parametrize(
    ("groups", "text"),
    [
        ("batch", r"must name columns of the data or a grouping factor; got \['batch'\]"),
        ([], "must name columns"),
        ("one", "has one value only"),
        ("holes", "has missing values in holes"),
    ],
)
def test_bad_input_is_named(groups, text):
    data = DATA.assign(one=1, holes=DATA["x"].where(DATA.index != 2))
    fit = bm.lmer("y ~ x + (1 | g)", data)
    with pytest.raises(ArgumentError, match=text):
        fit.influence(groups)
    with pytest.raises(ArgumentError, match="`which` must be one of 'fixed', 'var_cov'"):
        fit.influence("g").dfbeta("sigma")
