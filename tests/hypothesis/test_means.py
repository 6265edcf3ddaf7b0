"""Marginal means and tests of random terms against theory, and bad input."""

import warnings
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, PybootmlmError

CAKE = "angle ~ recipe * temp + (1 | recipe:replicate)"


def cake(**options: Any) -> bm.LmerFit:
    return bm.lmer(options.pop("formula", CAKE), bm.load_dataset("cake"), **options)


def test_in_a_balanced_design_marginal_means_are_means():
    data = bm.load_dataset("cake")
    means = data.groupby("recipe", observed=True)["angle"].mean()
    found = bm.emmeans(cake(), "recipe").frame["Estimate"]
    np.testing.assert_allclose(found, means, rtol=1e-10)
    # Control: away from the mean of the covariate they are not.
    elsewhere = bm.emmeans(cake(), "recipe", at={"temp": 175}).frame["Estimate"]
    assert np.abs(elsewhere - means).min() > 1


def test_pairs_are_differences_of_means():
    means = bm.emmeans(cake(), "recipe").frame["Estimate"]
    pairs = bm.emmeans(cake(), "recipe", pairwise=True).frame["Estimate"]
    for name, value in pairs.items():
        one, other = str(name).split(" - ")
        np.testing.assert_allclose(value, means[one] - means[other], rtol=1e-9)


def test_bonferroni_multiplies_and_tukey_is_between():
    plain, tukey, bonferroni = (
        bm.emmeans(cake(), "recipe", pairwise=True, adjust=a).frame["Pr(>|t|)"]
        for a in ("none", "tukey", "bonferroni")
    )
    assert (plain <= tukey).all()
    assert (tukey <= bonferroni + 1e-9).all()
    np.testing.assert_allclose(bonferroni, np.minimum(1, 3 * plain))


def test_what_cannot_be_estimated_is_nan():
    data = bm.load_dataset("cake")
    data = data[~((data["recipe"] == "A") & (data["temperature"] == "175"))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bm.exceptions.RankDeficiencyWarning)
        fit = bm.lmer("angle ~ recipe * temperature + (1 | recipe:replicate)", data)
    found = bm.emmeans(fit, ["recipe", "temperature"]).frame
    assert found.index[found["Estimate"].isna()].tolist() == ["A 175"]
    assert bm.emmeans(fit, "recipe").frame["Estimate"].isna().tolist() == [True, False, False]


def test_texts_booleans_and_transforms_are_understood():
    data = bm.load_dataset("sleepstudy")
    data["late"] = data["Days"] > 4
    data["kind"] = np.where(data["Subject"].cat.codes % 2 == 0, "even", "odd")
    fit = bm.lmer("Reaction ~ late * kind + log(Days + 1) + (1 | Subject)", data)
    found = bm.emmeans(fit, ["late", "kind"], at={"Days": [0, 9]}).frame
    assert found.index.tolist() == ["False even", "False odd", "True even", "True odd"]
    # The mean of log(1) and log(10), not the logarithm of a mean.
    slope = fit.fixef["log(Days + 1)"]
    first = fit.fixef["(Intercept)"] + slope * np.log(10) / 2
    np.testing.assert_allclose(found["Estimate"].iloc[0], first, rtol=1e-12)


def test_ranova_of_one_intercept_compares_with_a_linear_model():
    fit = cake(formula="angle ~ temp + (1 | recipe:replicate)", reml=False)
    table = bm.ranova(fit).frame
    data = bm.load_dataset("cake")
    X = np.column_stack([np.ones(len(data)), data["temp"]])
    y = data["angle"].to_numpy(dtype=float)
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    n = len(y)
    linear = -n / 2 * (1 + np.log(2 * np.pi * residual @ residual / n))
    np.testing.assert_allclose(table["logLik"].iloc[1], linear, rtol=1e-12)
    assert table["npar"].tolist() == [4, 3]


def test_wrong_arguments_are_named():
    fit = cake()
    calls: list[tuple[Any, str]] = [
        (lambda: bm.emmeans(fit, "receipt"), "`specs`"),
        (lambda: bm.emmeans(fit, []), "`specs`"),
        (lambda: bm.emmeans(fit, ["recipe", "recipe"]), "`specs`"),
        (lambda: bm.emmeans(fit, "recipe", at={"tmp": 1}), "`at`"),
        (lambda: bm.emmeans(fit, "recipe", at=3), "`at`"),
        (lambda: bm.emmeans(fit, "recipe", at={"temp": "hot"}), "`at`"),
        (lambda: bm.emmeans(fit, "recipe", at={"recipe": ["Z"]}), "`at`"),
        (lambda: bm.emmeans(fit, "recipe", adjust="tukey"), "`adjust`"),
        (lambda: bm.emmeans(fit, "recipe", pairwise=True, adjust="holm"), "`adjust`"),
        (lambda: bm.emmeans(fit, "recipe", pairwise=1), "`pairwise`"),
        (lambda: bm.emmeans(fit, "recipe", level=2), "`level`"),
        (lambda: bm.emmeans(3, "recipe"), "`fit`"),
        (lambda: bm.ranova(fit, reduce_terms="yes"), "`reduce_terms`"),
        (lambda: bm.ranova(None), "`fit`"),
    ]
    for call, named in calls:
        with pytest.raises(PybootmlmError, match=named) as raised:
            call()
        assert isinstance(raised.value, ArgumentError)
