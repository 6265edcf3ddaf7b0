"""What pandas columns mean: levels, their order and their text, over the dtypes of pandas."""

import decimal

import numpy as np
import pandas as pd
import pytest

from pybootmlm.design.columns import FactorColumn, NumericColumn, as_factor, read_column

NUMBERS = [
    (pd.Series([3, 1, 3]), ("1", "3")),
    (pd.Series([3, 1, 3], dtype="int8"), ("1", "3")),
    (pd.Series([3, 1, 3], dtype="uint64"), ("1", "3")),
    (pd.Series([3.0, 1.0, 3.0], dtype="float32"), ("1", "3")),
    (pd.Series([3, 1, None], dtype="Int64"), ("1", "3")),
    (pd.Series([3.5, 1, None], dtype="Float64"), ("1", "3.5")),
    (pd.Series([3, 1, None], dtype=object), ("1", "3")),
    (pd.Series([decimal.Decimal("3.5"), decimal.Decimal(1)], dtype=object), ("1", "3.5")),
    (pd.Series([10, 9, 100000]), ("9", "10", "100000")),  # by value; whole numbers written out
    (pd.Series([10.0, 9.0, 100000.0]), ("9", "10", "1e+05")),  # R writes doubles so
    (pd.Series([2**60 + 1, 2**60 + 2]), ("1152921504606846977", "1152921504606846978")),
]


@pytest.mark.parametrize(("series", "levels"), NUMBERS, ids=str)
def test_numbers(series, levels):
    column = read_column(series, "v")
    assert isinstance(column, NumericColumn)
    np.testing.assert_array_equal(np.isnan(column.values[:, 0]), series.isna())
    factor = as_factor(column)
    assert factor.levels == levels
    np.testing.assert_array_equal(factor.codes == -1, series.isna())


@pytest.mark.parametrize("dtype", [object, "str", "string"])
def test_text_sorts_by_code_points(dtype):
    column = read_column(pd.Series(["b", "B", "a", "é", None], dtype=dtype), "v")
    assert isinstance(column, FactorColumn)
    assert column.levels[:4] == ("B", "a", "b", "é")
    if dtype != "str" or pd.__version__ >= "3":  # older pandas reads None as the text "None"
        assert column.codes.tolist() == [2, 0, 1, 3, -1]


@pytest.mark.parametrize("dtype", [bool, "boolean", object])
def test_booleans_are_logical(dtype):
    column = read_column(pd.Series([True, False, True], dtype=dtype), "v")
    assert isinstance(column, FactorColumn)
    assert (column.levels, column.logical) == (("FALSE", "TRUE"), True)
    assert column.codes.tolist() == [1, 0, 1]


def test_categories_keep_their_order_and_lose_the_unused():
    series = pd.Series(pd.Categorical(["lo", "hi", None], ["hi", "mid", "lo"], ordered=True))
    column = read_column(series, "v")
    assert isinstance(column, FactorColumn)
    assert (column.levels, column.ordered) == (("hi", "mid", "lo"), True)
    used = column.without_unused()
    assert (used.levels, used.codes.tolist(), used.ordered) == (("hi", "lo"), [1, 0, -1], True)


def test_a_logical_vector_keeps_both_levels():
    column = read_column(pd.Series([True, True]), "v")
    assert isinstance(column, FactorColumn)
    assert column.without_unused().levels == ("FALSE", "TRUE")
    assert as_factor(column).levels == ("TRUE",)


def test_categories_of_numbers_are_written_as_r_writes_them():
    column = read_column(pd.Series(pd.Categorical([2.5, 1.0], [2.5, 1.0])), "v")
    assert isinstance(column, FactorColumn)
    assert column.levels == ("2.5", "1")
