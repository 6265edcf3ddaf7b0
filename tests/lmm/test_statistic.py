"""What a statistic may return, and what is said when it does not."""

import numpy as np
import pandas as pd
import pytest

from pybootmlm.exceptions import PybootmlmError, StatisticError
from pybootmlm.lmm.statistic import named_values

ALLOWED = {
    "a float": (1.5, ["t1"], [1.5]),
    "an integer": (3, ["t1"], [3.0]),
    "a NumPy scalar": (np.float32(0.5), ["t1"], [0.5]),
    "a list": ([1, 2.5], ["t1", "t2"], [1.0, 2.5]),
    "an array": (np.array([1.0, 2.0]), ["t1", "t2"], [1.0, 2.0]),
    "an array without axes": (np.array(7.0), ["t1"], [7.0]),
    "a matrix, row by row": (np.array([[1.0, 2], [3, 4]]), ["t1", "t2", "t3", "t4"], [1, 2, 3, 4]),
    "a dict": ({"b": 2, "a": 1.0}, ["b", "a"], [2.0, 1.0]),
    "a Series": (pd.Series([1.0, 2.0], index=["x", 5]), ["x", "5"], [1.0, 2.0]),
    "NaN, which is a number": ([np.nan], ["t1"], [np.nan]),
}


@pytest.mark.parametrize("kind", ALLOWED)
def test_allowed(kind: str):
    result, names, values = ALLOWED[kind]
    found_names, found = named_values(lambda _: result, None)
    assert found_names == names
    assert found.dtype == float
    np.testing.assert_array_equal(found, values)


REFUSED = {
    "nothing": (None, "NoneType"),
    "text": ("large", "str"),
    "an empty list": ([], "list"),
    "an empty dict": ({}, "dict"),
    "text in a dict": ({"a": "x"}, "dict"),
    "ragged lists": ([[1, 2], [3]], "list"),
    "arrays in a dict": ({"a": np.ones(2), "b": np.zeros(2)}, "dict"),
    "lists of several lengths in a dict": ({"a": [1.0], "b": [1.0, 2.0]}, "dict"),
    "an object": (object(), "object"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str):
    result, name = REFUSED[kind]
    with pytest.raises(StatisticError) as caught:
        named_values(lambda _: result, None, where="g7")
    assert str(caught.value) == (
        "`statistic` must return numbers (a number, an array, a Series or a dict of numbers); "
        f"got {name} (at 'g7')."
    )


def test_changed_length():
    with pytest.raises(StatisticError) as caught:
        named_values(lambda _: [1, 2, 3], None, expected=2, where="B")
    assert str(caught.value) == (
        "`statistic` must always return as many numbers as on the fit itself (2); got 3 (at 'B')."
    )


def test_a_statistic_that_raises_keeps_its_error():
    def statistic(fit: object) -> float:
        return {}["missing"]

    with pytest.raises(StatisticError, match="`statistic` raised KeyError: 'missing'") as caught:
        named_values(statistic, None)
    assert isinstance(caught.value.__cause__, KeyError)
    assert isinstance(caught.value, PybootmlmError)
    assert isinstance(caught.value, ValueError)


def test_the_fit_is_what_is_passed_on():
    names, values = named_values(lambda fit: {"twice": 2 * fit}, 21)
    assert (names, values.tolist()) == (["twice"], [42.0])
