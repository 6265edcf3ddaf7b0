"""The comparator itself: what it must see, and what it must not mind."""

import numpy as np
import pandas as pd
import pytest

from parity.compare import compare
from parity.tolerances import Tolerance
from parity.values import Value

LOOSE = Tolerance("loose", "test", 0.0, 1e-6, "column", "for these tests")
EXACT = Tolerance("exact", "test", 0.0, 0.0, "element", "for these tests")


def test_names_decide_and_not_positions():
    found = compare(Value.of({"a": 1.0, "b": 2.0}), Value.of({"b": 2.0, "a": 1.0}), EXACT)
    assert found.passed
    assert found.by == "name"


def test_columns_are_matched_by_name_too():
    expected = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=["r", "s"], columns=["x", "y"])
    assert compare(Value.of(expected), Value.of(expected.loc[["s", "r"], ["y", "x"]]), EXACT).passed


def test_swapped_names_are_a_difference():
    found = compare(Value.of({"a": 1.0, "b": 2.0}), Value.of({"a": 2.0, "b": 1.0}), EXACT)
    assert not found.passed
    assert found.max_abs == 1.0


def test_another_name_is_named():
    found = compare(Value.of({"a": 1.0}), Value.of({"c": 1.0}), LOOSE)
    assert not found.passed
    assert "only R has ['a']" in found.problem
    assert "only Python has ['c']" in found.problem


def test_repeated_names_must_come_in_the_same_order():
    one = Value.of([1.0, 2.0, 3.0], names=["a", "a", "b"])
    assert compare(one, one, EXACT).passed
    other = Value.of([3.0, 1.0, 2.0], names=["b", "a", "a"])
    assert not compare(one, other, EXACT).passed


def test_shape():
    found = compare(Value.of([1.0, 2.0]), Value.of([1.0, 2.0, 3.0]), LOOSE)
    assert found.problem == "shape: R has 2, Python 3"
    assert not compare(Value.of([[1.0, 2.0]]), Value.of([1.0, 2.0]), LOOSE).passed


@pytest.mark.parametrize(
    ("theirs", "ours", "passes"),
    [
        ([np.nan, 1.0], [np.nan, 1.0], True),
        ([np.nan, 1.0], [0.0, 1.0], False),
        ([0.0, 1.0], [np.nan, 1.0], False),
        ([np.inf, 1.0], [np.inf, 1.0], True),
        ([np.inf, 1.0], [-np.inf, 1.0], False),
        ([np.inf, 1.0], [1e300, 1.0], False),
        ([1e300, 1.0], [np.inf, 1.0], False),
    ],
)
def test_missing_and_infinite_numbers(theirs, ours, passes):
    assert compare(Value.of(theirs), Value.of(ours), LOOSE).passed is passes


def test_each_scale_allows_what_it_says():
    expected = np.array([[1000.0, 1.0], [0.001, 0.001]])
    for scale, allowed in {
        "element": [[1000.0, 1.0], [0.001, 0.001]],
        "column": [[1000.0, 1.0], [1000.0, 1.0]],
        "value": [[1000.0, 1000.0], [1000.0, 1000.0]],
    }.items():
        tolerance = Tolerance("t", "test", 0.0, 1e-3, scale, "for this test")
        np.testing.assert_allclose(tolerance.allowed(expected), 1e-3 * np.array(allowed))


def test_just_inside_passes_and_just_outside_fails():
    expected = Value.of([1.0, 100.0])
    assert compare(expected, Value.of([1.0 + 0.99e-4, 100.0]), LOOSE).passed
    found = compare(expected, Value.of([1.0 + 1.01e-4, 100.0]), LOOSE)
    assert not found.passed
    assert found.worst is not None
    assert found.worst.where == "[1]"
    assert found.use == pytest.approx(1.01, rel=1e-6)
    assert found.digits == pytest.approx(-np.log10(1.01e-6), abs=1e-6)
    assert found.max_abs == pytest.approx(1.01e-4)


def test_equal_numbers_have_all_digits():
    assert compare(Value.of([0.0, 0.1]), Value.of([0.0, 0.1]), EXACT).digits > 15.9
