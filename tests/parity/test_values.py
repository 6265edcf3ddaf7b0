"""Labelled arrays: nothing is lost on the way through text, nor by thinning."""

import json

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.data import columns_for_r, data_digest
from parity.values import Value

HARD = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, np.pi * 1e-30, np.nan, np.inf, -np.inf]


def test_json_keeps_every_bit():
    value = Value.of(np.array(HARD))
    back = Value.from_json(json.loads(json.dumps(value.to_json(), allow_nan=False)))
    assert back.numbers.tobytes() == np.array(HARD).tobytes()


def test_na_is_not_nan():
    value = Value.from_json({"dim": [3], "names": [None], "data": ["NA", "NaN", 1.0]})
    assert value.missing.tolist() == [True, False, False]
    assert value.to_json()["data"][:2] == ["NA", "NaN"]


def test_matrices_run_down_the_columns():
    value = Value.from_json({"dim": [2, 2], "names": [["a", "b"], None], "data": [1, 2, 3, 4]})
    assert value.numbers.tolist() == [[1, 3], [2, 4]]
    assert value.rows == ("a", "b")
    assert value.columns is None


def test_a_wrong_row_that_thinning_drops_is_still_seen():
    right = np.sin(np.arange(500.0))
    wrong = right.copy()
    wrong[7] += 1e-3
    kept, changed = Value.of(right).thinned(), Value.of(wrong).thinned()
    assert "8" not in kept.rows
    assert np.abs(kept.numbers - changed.numbers)[:-2].max() == 0
    assert np.abs(kept.numbers - changed.numbers)[-2:].min() > 1e-9


def test_columns_keep_levels_order_and_missing_values():
    frame = pd.DataFrame(
        {
            "f": pd.Categorical(["b", None, "a"], categories=["c", "b", "a"], ordered=True),
            "i": pd.array([1, None, 3], dtype="Int64"),
            "x": [0.1, np.nan, -0.0],
            "s": ["ä", 'quote"', None],
            "l": [True, False, True],
        }
    )
    columns = columns_for_r(frame)
    assert columns["f"] == {
        "kind": "factor",
        "values": [2, 0, 3],
        "levels": ["c", "b", "a"],
        "ordered": True,
        "missing": [2],
    }
    assert columns["i"] == {"kind": "integer", "values": [1, 0, 3], "missing": [2]}
    assert columns["x"]["missing"] == [2]
    assert columns["s"] == {"kind": "character", "values": ["ä", 'quote"', ""], "missing": [3]}
    assert columns["l"]["kind"] == "logical"


def test_the_digest_of_data_sees_one_bit():
    frame = pd.DataFrame({"x": [0.1, 0.2]})
    other = pd.DataFrame({"x": [0.1, np.nextafter(0.2, 1)]})
    assert data_digest(frame) != data_digest(other)


def test_derived_columns_have_their_own_name_in_r():
    model = Model("m/ML", "sleepstudy", "Reaction ~ 1 + (1 | Subject)", False)
    weighted = Model("m/ML", "sleepstudy", model.formula, False, columns={"w": "Days + 1"})
    assert model.data_key != weighted.data_key
