"""Model matrices, random terms and grouping factors against R, over many formulas.

The record was made by model_matrices.R beside this file; it names its versions of R and lme4.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pybootmlm.design import DesignChecks, ModelDesign, build_design
from pybootmlm.exceptions import PybootmlmWarning

RECORD = json.loads(Path(__file__).with_name("model_matrices.json").read_text(encoding="utf-8"))
CASES = [
    (name, case)
    for name, cases in (("data", "cases"), ("holes", "holes_cases"), ("long", "long_cases"))
    for case in RECORD[cases]
]
UNCHECKED = DesignChecks(
    rows_above_levels="ignore", rows_above_effects="ignore", rows_above_rank="ignore"
)
# R's poly() goes through a QR, ours through a recurrence; functions of libm may differ in the
# last bit. Values here are of order 1 to 50.
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def numbers(text: str) -> np.ndarray:
    return np.array([float(number) for number in text.split()])


def contrasts_of(case: dict[str, Any]) -> dict[str, Any] | None:
    chosen: dict[str, Any] = {}
    for name, given in (case["contrasts"] or {}).items():
        if "name" in given:
            chosen[name] = given["name"]
        else:
            matrix = np.column_stack([numbers(column) for column in given["matrix"]])
            chosen[name] = (
                pd.DataFrame(matrix, columns=given["names"]) if given["names"] else matrix
            )
    return chosen or None


def built(case: dict[str, Any], data: pd.DataFrame) -> ModelDesign:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PybootmlmWarning)
        return build_design(case["formula"], data, contrasts=contrasts_of(case), control=UNCHECKED)


def case_id(value: tuple[str, dict[str, Any]]) -> str:
    name, case = value
    return f"{name}: {case['formula']}" + (" with contrasts" if case["contrasts"] else "")


@pytest.fixture(params=CASES, ids=case_id)
def pair(request: pytest.FixtureRequest, recorded_data) -> tuple[ModelDesign, dict[str, Any]]:
    name, case = request.param
    return built(case, recorded_data[name]), case


def test_the_record_says_where_it_comes_from():
    assert RECORD["provenance"]["lme4"]
    assert len(CASES) > 100


def test_fixed_effects_matrix(pair):
    design, case = pair
    assert list(design.fixed_names) == case["names"]
    assert [n for n in design.fixed_spec.names if n not in design.dropped] == case["names"]
    assert list(design.fixed_spec.names) == case["all_names"]
    assert design.X.shape == (len(design.y), len(case["names"]))
    for j, column in enumerate(case["X"]):
        np.testing.assert_allclose(design.X[:, j], numbers(column), **CLOSE)


def test_rows_response_and_offset(pair):
    design, case = pair
    np.testing.assert_array_equal(design.kept, numbers(case["kept"]))
    np.testing.assert_allclose(design.y, numbers(case["y"]), **CLOSE)
    if case["offset"] is None:
        assert design.offset is None
    else:
        np.testing.assert_allclose(design.offset, numbers(case["offset"]), **CLOSE)


def test_grouping_factors_and_their_order(pair):
    design, case = pair
    assert [f.name for f in design.factors] == [f["name"] for f in case["flist"]]
    for ours, theirs in zip(design.factors, case["flist"], strict=True):
        assert list(ours.levels) == theirs["levels"]
        np.testing.assert_array_equal(ours.codes, numbers(theirs["codes"]))


def test_random_terms_and_their_order(pair):
    design, case = pair
    assert [design.factors[t.factor].name for t in design.terms] == case["factor"]
    assert [list(t.names) for t in design.terms] == case["cnms"]


def test_random_effects_matrix(pair):
    design, case = pair
    for term, recorded in zip(design.terms, case["Zt"], strict=True):
        factor = design.factors[term.factor]
        q = len(term.names)
        ours = np.zeros((q * len(factor.levels), len(design.y)))
        for k in range(q):
            ours[factor.codes * q + k, np.arange(len(design.y))] = term.Z[:, k]
        theirs = np.zeros_like(ours)
        at = numbers(recorded["effect"]).astype(int), numbers(recorded["row"]).astype(int)
        theirs[at] = numbers(recorded["x"])
        np.testing.assert_allclose(ours, theirs, **CLOSE)


def test_a_perturbed_record_is_noticed(recorded_data):
    """Negative control: the comparison fails when one recorded value is off by 1e-9."""
    case = next(c for c in RECORD["cases"] if c["formula"] == "y ~ poly(x, 2) + (1 | g)")
    column = numbers(case["X"][1])
    column[3] *= 1 + 1e-9
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(built(case, recorded_data["data"]).X[:, 1], column, **CLOSE)
