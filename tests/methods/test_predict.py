"""Predictions against the fit itself and dense algebra; what is refused, and how."""

import functools

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, DataError, FormulaError

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    ("sleepstudy", "Reaction ~ 0 + (1 | Subject)"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ("Pastes", "strength ~ 1 + (1 | batch/cask)"),
    ("cake", "angle ~ recipe * temp + (temp | replicate) + (1 | recipe:replicate)"),
]


def unbalanced(data: str) -> pd.DataFrame:
    """Three quarters of a data set, in another order, with weights."""
    frame = bm.load_dataset(data)
    rng = np.random.default_rng(4)
    taken = frame.iloc[rng.permutation(len(frame))[: 3 * len(frame) // 4]].copy()
    taken["w"] = rng.uniform(0.5, 2, len(taken))
    return taken


@pytest.fixture(params=MODELS, ids=[f"{d}: {f}" for d, f in MODELS])
def fit(request):
    data, formula = request.param
    return made(data, formula)


@functools.cache
def made(data: str, formula: str) -> bm.LmerFit:
    found = bm.lmer(formula, unbalanced(data), weights="w")
    return found.at_theta(np.linspace(0.2, 0.8, found.theta.size))


@pytest.fixture(params=[100, 0], ids=["dense", "sparse"])
def elimination(request, monkeypatch):
    """Small models are eliminated as one dense block, large ones level by level."""
    monkeypatch.setattr("pybootmlm.lmm.several_factors.sweep.DENSE_UP_TO", request.param)


def henderson(fit):
    """Covariance (q + p) of the errors of prediction of (b, beta), by one dense inverse."""
    Z, X, w = fit.getME("Z").toarray(), fit.design.X, fit.weights.to_numpy()
    L = fit.getME("Lambda").toarray()
    B = np.hstack([Z @ L, X])
    M = B.T @ (w[:, None] * B)
    M[np.arange(len(L)), np.arange(len(L))] += 1
    back = np.zeros_like(M)
    back[: len(L), : len(L)] = L
    back[len(L) :, len(L) :] = np.eye(len(M) - len(L))
    return fit.sigma**2 * back @ np.linalg.inv(M) @ back.T


def test_standard_errors_are_those_of_the_mixed_model_equations(fit, elimination):
    rows = np.hstack([fit.getME("Z").toarray(), fit.design.X])
    expected = np.sqrt(np.einsum("ia,ab,ib->i", rows, henderson(fit), rows))
    found = fit.predict(se_fit=True)
    np.testing.assert_allclose(found["se_fit"], expected, rtol=1e-8)
    np.testing.assert_allclose(found["fit"], fit.fitted, rtol=1e-13)


def test_so_are_those_of_random_effects_alone_and_of_fixed_effects_alone(fit):
    Z, X, C = fit.getME("Z").toarray(), fit.design.X, henderson(fit)
    q = Z.shape[1]
    random = np.sqrt(np.einsum("ia,ab,ib->i", Z, C[:q, :q], Z))
    np.testing.assert_allclose(fit.predict(random_only=True, se_fit=True)["se_fit"], random, 1e-8)
    fixed = np.sqrt(np.einsum("ia,ab,ib->i", X, C[q:, q:], X))
    found = fit.predict(re_form="~0", se_fit=True)
    np.testing.assert_allclose(found["se_fit"], fixed, rtol=1e-8, atol=1e-12)


def test_the_old_rows_as_new_rows_give_the_old_predictions(fit):
    data = fit.design.frame.iloc[::-1]
    again = fit.predict(data, se_fit=True)
    assert again.index.equals(data.index)
    pd.testing.assert_frame_equal(again, fit.predict(se_fit=True).iloc[::-1], rtol=1e-9)


def test_rows_whose_levels_never_met_are_solved_for(elimination):
    data = unbalanced("Penicillin")
    fit = bm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", data)
    seen = set(zip(data["plate"], data["sample"], strict=True))
    pairs = [(p, s) for p in data["plate"].unique() for s in data["sample"].unique()]
    pairs = [pair for pair in pairs if pair not in seen]
    new = pd.DataFrame(pairs, columns=["plate", "sample"])
    assert len(new) > 10
    Z = np.zeros((len(new), fit.b.size))
    plates, samples = (list(f.levels) for f in fit.design.factors)
    for i, (p, s) in enumerate(pairs):
        Z[i, plates.index(p)] = Z[i, len(plates) + samples.index(s)] = 1
    rows = np.hstack([Z, np.ones((len(new), 1))])
    C = henderson(fit)
    expected = np.sqrt(np.einsum("ia,ab,ib->i", rows, C, rows))
    found = fit.predict(new, se_fit=True)
    np.testing.assert_allclose(found["se_fit"], expected, rtol=1e-8)
    np.testing.assert_allclose(found["fit"], fit.beta[0] + Z @ fit.b, rtol=1e-12)


def test_a_level_without_data_is_as_uncertain_as_the_model_says():
    """The limit of a level whose only row has next to no weight."""
    data = bm.load_dataset("sleepstudy")
    extra = pd.DataFrame({"Reaction": [300.0], "Days": [4], "Subject": ["new"], "w": [1e-12]})
    data["Subject"] = data["Subject"].astype(str)
    both = pd.concat([data.assign(w=1.0), extra], ignore_index=True)
    formula = "Reaction ~ Days + (Days | Subject)"
    fit = bm.lmer(formula, data)
    with_row = bm.lmer(formula, both, weights="w").at_theta(fit.theta)
    new = pd.DataFrame({"Days": [0.0, 7], "Subject": "new"})
    ours = fit.predict(new, allow_new_levels=True, se_fit=True)
    limit = with_row.predict(new, newparams={"sigma": fit.sigma}, se_fit=True)
    np.testing.assert_allclose(ours["se_fit"], limit["se_fit"], rtol=1e-6)
    np.testing.assert_allclose(ours["fit"], limit["fit"], rtol=1e-6)


def test_predictions_of_parts_add_up():
    data = bm.load_dataset("sleepstudy")
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", data)
    fixed = fit.predict(data, re_form="~0")
    parts = [fit.predict(data, re_form=f"~ ({x} | Subject)") - fixed for x in ("1", "0 + Days")]
    np.testing.assert_allclose(fixed + parts[0] + parts[1], fit.fitted, rtol=1e-12)
    np.testing.assert_allclose(fit.predict(random_only=True), parts[0] + parts[1], atol=1e-10)


def test_other_parameters_move_the_modes_too():
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    there = fit.at_theta([0.5, 0.1, 0.3])
    found = fit.predict(newparams={"theta": there.theta, "beta": there.beta})
    np.testing.assert_allclose(found, there.fitted, rtol=1e-11)
    labelled = {"beta": pd.Series({"Days": 10.0, "(Intercept)": 250.0})}
    np.testing.assert_allclose(
        fit.predict(newparams=labelled, re_form="~0"), 250 + 10 * fit.model_frame()["Days"]
    )


class TestOffsets:
    data = bm.load_dataset("sleepstudy").assign(off=lambda d: np.arange(len(d)) % 7 / 2)

    def test_a_column_is_read_from_the_new_rows(self):
        fit = bm.lmer("Reaction ~ Days + (1 | Subject)", self.data, offset="off")
        moved = self.data.assign(off=self.data["off"] + 100)
        np.testing.assert_allclose(fit.predict(moved), fit.fitted + 100, rtol=1e-12)
        by_formula = bm.lmer("Reaction ~ Days + offset(off) + (1 | Subject)", self.data)
        np.testing.assert_allclose(by_formula.predict(moved), fit.predict(moved), rtol=1e-12)

    def test_an_array_must_be_given_again(self):
        fit = bm.lmer("Reaction ~ Days + (1 | Subject)", self.data, offset=self.data["off"].array)
        new = self.data.head(3)
        with pytest.raises(ArgumentError, match="give `offset` for the new rows"):
            fit.predict(new)
        with_zero = fit.predict(new, offset=0)
        np.testing.assert_allclose(fit.predict(new, offset=[1, 2, 3]) - with_zero, [1, 2, 3])
        np.testing.assert_allclose(fit.predict(new, offset="off"), fit.fitted[:3], rtol=1e-12)

    def test_a_named_column_that_is_missing_is_named(self):
        fit = bm.lmer("Reaction ~ Days + (1 | Subject)", self.data, offset="off")
        with pytest.raises(ArgumentError, match=r"offset \(column `off`\) that `newdata`"):
            fit.predict(self.data.drop(columns="off"))

    def test_it_is_for_new_rows(self):
        fit = bm.lmer("Reaction ~ Days + (1 | Subject)", self.data)
        with pytest.raises(ArgumentError, match="together with `newdata`"):
            fit.predict(offset=1)


class TestRefusals:
    data = bm.load_dataset("sleepstudy")
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", data)
    new = pd.DataFrame({"Days": [1.0, 2], "Subject": ["308", "nobody"]})

    def test_new_levels_are_named(self):
        with pytest.raises(DataError, match=r"levels of `Subject` .* seen: nobody\."):
            self.fit.predict(self.new)

    def test_missing_levels_are_counted(self):
        new = self.new.assign(Subject=["308", None])
        with pytest.raises(DataError, match="`Subject` is missing in 1 row"):
            self.fit.predict(new)
        assert np.isfinite(self.fit.predict(new, allow_new_levels=True)).all()

    def test_a_missing_variable_makes_a_missing_prediction(self):
        new = self.new.assign(Days=[np.nan, 2], Subject="308")
        found = self.fit.predict(new, se_fit=True)
        assert found.isna().to_numpy().tolist() == [[True, True], [False, False]]

    def test_fixed_effects_alone_need_no_groups(self):
        assert len(self.fit.predict(self.new[["Days"]], re_form="~0")) == 2

    @pytest.mark.parametrize(
        ("re_form", "error", "text"),
        [
            (3, ArgumentError, "`re_form` must be None"),
            (True, ArgumentError, "`re_form` must be None"),
            ("~ (1 | Batch)", ArgumentError, "grouping factor `Batch`, which the fit does not"),
            ("~ (Reaction | Subject)", ArgumentError, "effects of `Subject` .*: Reaction"),
            ("~ (1 + age | Subject)", ArgumentError, "uses `age`, which the fit does not use"),
            ("~ Days + (1 | Subject)", ArgumentError, "random terms only"),
            ("~ (1 | Subject) + (Days | Subject)", ArgumentError, "random effect twice"),
            ("~ Days", FormulaError, "no random term"),
        ],
    )
    def test_re_form(self, re_form, error, text):
        with pytest.raises(error, match=text):
            self.fit.predict(re_form=re_form)

    @pytest.mark.parametrize("nothing", [np.nan, pd.NA, "~0", "~ 0", "NA", False])
    def test_no_random_effects_can_be_written_in_several_ways(self, nothing):
        expected = self.fit.fixef["(Intercept)"]
        assert self.fit.predict(re_form=nothing).iloc[0] == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("newparams", "text"),
        [
            ([1], "`newparams` must be a dict"),
            ({}, "`newparams` must be a dict"),
            ({"tau": 1}, r"some of 'theta', 'beta' and 'sigma'; got \['tau'\]"),
            ({"beta": [1]}, r"must hold 2 finite numbers \(\(Intercept\), Days\)"),
            ({"beta": {"a": 1, "b": 2}}, "must be labelled"),
            ({"sigma": -1}, "must not be negative"),
            ({"theta": [1, np.nan, 2]}, "must hold 3 finite numbers"),
        ],
    )
    def test_newparams(self, newparams, text):
        with pytest.raises(ArgumentError, match=text):
            self.fit.predict(newparams=newparams)

    def test_a_missing_column_and_a_wrong_kind(self):
        with pytest.raises(DataError, match="`newdata` has no column `Days`"):
            self.fit.predict(self.new[["Subject"]], allow_new_levels=True)
        with pytest.raises(DataError, match="`newdata` must be a pandas DataFrame"):
            self.fit.predict([1, 2])
        with pytest.raises(ArgumentError, match="`se_fit` must be True or False"):
            self.fit.predict(se_fit="yes")
