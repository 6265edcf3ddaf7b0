"""Simulated responses against the model's moments and the bootstrap; what is refused, and how."""

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, DataError
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import as_source

FORMULA = "Reaction ~ Days + (Days | Subject)"


def sleep() -> pd.DataFrame:
    data = bm.load_dataset("sleepstudy")
    return data.assign(w=1.0 + np.arange(len(data)) % 3)


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize(
    ("data", "formula"),
    [
        (sleep(), FORMULA),
        (bm.load_dataset("Penicillin").assign(w=2.0), "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ],
    ids=["slopes", "crossed"],
)
def test_a_seed_gives_the_replicates_of_the_parametric_bootstrap(data, formula, weights):
    fit = bm.lmer(formula, data, weights=weights)
    plan = resolve("parametric").plan(fit)
    for rng in (lambda: 7, lambda: bm.RStream(7), lambda: np.random.default_rng(7)):
        (draws,) = plan.draw(as_source(rng()), [3])
        expected = plan.apply(draws).y(fit)
        np.testing.assert_allclose(fit.simulate(3, rng=rng()), expected, rtol=1e-12)


def test_moments_are_those_of_the_model():
    fit = bm.lmer(FORMULA, sleep(), weights="w")
    y = fit.simulate(20_000, rng=1).to_numpy()
    Z, L = fit.getME("Z").toarray(), fit.getME("Lambda").toarray()
    V = fit.sigma**2 * (Z @ L @ L.T @ Z.T + np.diag(1 / fit.weights))
    sd = np.sqrt(np.diag(V))
    mean = fit.predict(re_form="~0").to_numpy()
    # Five standard errors of a mean, and of a variance, of 20,000 normals.
    assert np.abs((y.mean(axis=1) - mean) / sd).max() < 5 / np.sqrt(20_000)
    assert np.abs(y.var(axis=1) / sd**2 - 1).max() < 5 * np.sqrt(2 / 20_000)
    first = (y - mean[:, None])[:10]
    cov = first @ first.T / y.shape[1]
    np.testing.assert_allclose(cov, V[:10, :10], atol=6 * sd[:10].max() ** 2 / np.sqrt(20_000))


def test_what_is_kept_is_kept_and_the_rest_is_drawn():
    fit = bm.lmer("Reaction ~ Days + (Days || Subject)", sleep())
    kept = fit.simulate(4, use_u=True, cond_sim=False, rng=1)
    for name in kept:
        np.testing.assert_allclose(kept[name], fit.fitted, rtol=1e-12)
    # With the intercepts kept, what varies at Days = 0 is the error alone.
    partial = fit.simulate(50, re_form="~ (1 | Subject)", cond_sim=False, rng=1)
    start = fit.model_frame()["Days"] == 0
    np.testing.assert_allclose(partial[start].var(axis=1), 0, atol=1e-18)
    assert (partial[~start].var(axis=1) > 1).all()
    expected = fit.predict(re_form="~ (1 | Subject)")[start]
    np.testing.assert_allclose(partial[start]["sim_1"], expected, rtol=1e-12)


def test_a_term_may_be_kept_under_the_name_of_another_template():
    fit = bm.lmer("Reaction ~ Days + (Days || Subject)", sleep())
    all_kept = fit.simulate(1, re_form="~ (Days | Subject)", cond_sim=False, rng=1)
    np.testing.assert_allclose(all_kept["sim_1"], fit.fitted, rtol=1e-12)


def test_new_rows_of_one_level_share_its_effect():
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    new = pd.DataFrame({"Batch": ["new", "A", "new", "other"]}, index=list("wxyz"))
    y = fit.simulate(3, newdata=new, allow_new_levels=True, cond_sim=False, rng=1)
    assert y.index.tolist() == list("wxyz")
    np.testing.assert_array_equal(y.loc["w"], y.loc["y"])
    assert (y.loc["w"] != y.loc["z"]).all()
    with pytest.raises(DataError, match="levels of `Batch` that the fit has not seen: new, other"):
        fit.simulate(newdata=new)


def test_rows_with_missing_variables_are_missing_and_draw_nothing():
    fit = bm.lmer(FORMULA, sleep())
    new = sleep().head(6)
    holes = new.assign(Days=[np.nan, 1, 2, np.nan, 4, 5])
    y = fit.simulate(2, newdata=holes, rng=bm.RStream(3))
    assert y.isna().all(axis=1).tolist() == [True, False, False, True, False, False]
    full = fit.simulate(2, newdata=holes.dropna(), rng=bm.RStream(3))
    np.testing.assert_array_equal(y.dropna(), full)


def test_new_parameters_are_used():
    fit = bm.lmer(FORMULA, sleep())
    y = fit.simulate(2, newparams={"beta": [1, 0], "sigma": 0, "theta": [0, 0, 0]}, rng=1)
    np.testing.assert_array_equal(y, 1.0)


class TestWeightsOfNewRows:
    data = sleep()

    def test_are_read_from_the_column(self):
        fit = bm.lmer(FORMULA, self.data, weights="w")
        options = {"newdata": self.data, "rng": bm.RStream(1), "use_u": True}
        one = fit.simulate(1, **options)["sim_1"] - fit.fitted
        options = {"newdata": self.data.assign(w=4.0), "rng": bm.RStream(1), "use_u": True}
        other = fit.simulate(1, **options)["sim_1"] - fit.fitted
        np.testing.assert_allclose(other, one * np.sqrt(self.data["w"]) / 2, rtol=1e-9)

    def test_must_be_known(self):
        fit = bm.lmer(FORMULA, self.data, weights=self.data["w"].to_numpy())
        with pytest.raises(ArgumentError, match="fitted with prior weights that `newdata` does"):
            fit.simulate(newdata=self.data)
        assert fit.simulate(newdata=self.data, weights=1, rng=1).shape == (180, 1)
        with pytest.raises(ArgumentError, match="must be positive"):
            fit.simulate(newdata=self.data, weights=0)
        with pytest.raises(ArgumentError, match="together with `newdata`"):
            fit.simulate(weights=1)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"nsim": 0}, "`nsim` must be a positive integer"),
        ({"use_u": True, "re_form": None}, "give one of them"),
        ({"use_u": 1}, "`use_u` must be True or False"),
        ({"re_form": "~ (1 | Subject)"}, "whole random terms of the model"),
        ({"rng": "R"}, "`rng` must be a seed"),
        ({"cond_sim": "no"}, "`cond_sim` must be True or False"),
    ],
)
def test_bad_input_is_named(options, text):
    fit = bm.lmer(FORMULA, sleep())
    with pytest.raises(ArgumentError, match=text):
        fit.simulate(**options)
