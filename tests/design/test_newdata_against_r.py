"""Matrices for new rows against lme4's predict(), recorded by newdata.R beside this file."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pybootmlm.design import DesignChecks, build_design
from pybootmlm.design.newdata import fixed_matrix, formula_offset, random_matrices
from pybootmlm.exceptions import DataError, RankDeficiencyWarning

RECORD = json.loads(Path(__file__).with_name("newdata.json").read_text(encoding="utf-8"))
UNCHECKED = DesignChecks(rows_above_effects="ignore")


def numbers(text):
    return np.array([float(number) for number in text.split()])


@pytest.fixture
def fresh():
    return pd.DataFrame(RECORD["newdata"])


def built(formula, recorded_data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RankDeficiencyWarning)
        return build_design(formula, recorded_data["data"], control=UNCHECKED)


@pytest.mark.parametrize("case", RECORD["cases"], ids=lambda case: case["formula"])
def test_predictions_from_lme4s_own_coefficients(case, recorded_data, fresh):
    design = built(case["formula"], recorded_data)
    fixed = fixed_matrix(design, fresh) @ numbers(case["beta"]) + formula_offset(design, fresh)
    full = fixed.copy()
    b, start = numbers(case["b"]), 0
    for term, rows in zip(design.terms, random_matrices(design, fresh), strict=True):
        levels, q = len(design.factors[term.factor].levels), len(term.names)
        effects = np.vstack([b[start : start + levels * q].reshape(levels, q), np.zeros(q)])
        full += np.einsum("ij,ij->i", rows.Z, effects[rows.codes])  # code -1: the row of zeros
        start += levels * q
    # Sums of products of order 1 to 100, in another order than R's.
    np.testing.assert_allclose(fixed, numbers(case["fixed"]), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(full, numbers(case["full"]), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ a * b + poly(x, 2) + s * l + (1 | g)",
        "y ~ scale(z) * o + (a | t) + (x || g / h)",
        "y ~ a:b:t + I(x > 1) + (1 | half)",
    ],
)
def test_the_old_rows_as_new_rows_give_the_old_matrices(formula, recorded_data):
    data = recorded_data["data"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RankDeficiencyWarning)
        design = build_design(
            formula,
            data,
            control=DesignChecks(
                rows_above_levels="ignore", rows_above_effects="ignore", rows_above_rank="ignore"
            ),
        )
    order = np.arange(len(data))[::-1]
    again = data.iloc[order]
    np.testing.assert_allclose(fixed_matrix(design, again), design.X[order], rtol=0, atol=1e-15)
    for term, rows in zip(design.terms, random_matrices(design, again), strict=True):
        np.testing.assert_array_equal(rows.codes, design.factors[term.factor].codes[order])
        np.testing.assert_allclose(rows.Z, term.Z[order], rtol=0, atol=1e-15)


def test_a_level_not_seen_is_named(recorded_data, fresh):
    design = built("y ~ a + (1 | g)", recorded_data)
    with pytest.raises(DataError, match=r"`a` has levels that the model has not seen \(w\)"):
        fixed_matrix(design, fresh.assign(a=["p", "w", "q"]))


def test_a_missing_column_is_named(recorded_data, fresh):
    design = built("y ~ x + (1 | g)", recorded_data)
    with pytest.raises(DataError, match="no column `x`"):
        fixed_matrix(design, fresh.drop(columns="x"))
    # The fixed effects alone do not need the groups.
    assert fixed_matrix(design, fresh.drop(columns="g")).shape == (3, 2)


def test_missing_values_give_missing_rows(recorded_data, fresh):
    design = built("y ~ a + x + (1 | g) + (1 | t:h)", recorded_data)
    holes = fresh.assign(a=["p", None, "q"], x=[np.nan, 1.0, 2.0], g=[None, "g1", "g2"])
    holes["h"] = ["A", "B", None]
    rows = np.isnan(fixed_matrix(design, holes)).any(axis=1)
    assert rows.tolist() == [True, True, False]
    found = {
        design.factors[term.factor].name: rows.codes.tolist()
        for term, rows in zip(design.terms, random_matrices(design, holes), strict=True)
    }
    assert found["g"] == [-1, 0, 1]
    # The third row has no h.
    assert found["t:h"][2] == -1
