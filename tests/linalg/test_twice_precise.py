"""Products with twice the digits, against rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

from pybootmlm.linalg.twice_precise import combine, product


def exact(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    rows = [[Fraction(float(x)) for x in row] for row in A]
    columns = [[Fraction(float(x)) for x in column] for column in B.T]
    return np.array([[float(sum(x * y for x, y in zip(r, c, strict=True))) for c in columns]
                     for r in rows])  # fmt: skip


@pytest.mark.parametrize("origin", [0.0, 1e4, 1e8, 1e12])
def test_what_cancels_keeps_its_digits(origin: float):
    rng = np.random.default_rng(1)
    Z = np.column_stack([np.ones(20), origin + rng.normal(size=20)])
    T = np.array([[(0.3 + origin) / 3, 0.3], [-1 / 3, 1.0]])
    # Rounded once: half a unit in the last place of the result, and a little for the rest.
    np.testing.assert_allclose(product(Z, T), exact(Z, T), rtol=3e-16)
    if origin > 1e6:
        plain = (Z[:, :, None] * T).sum(axis=1)
        assert not np.allclose(plain, exact(Z, T), rtol=3e-16, atol=0), "control: plain products"


@pytest.mark.parametrize("unit", [2.0**-600, 2.0**-60, 1.0, 2.0**60, 2.0**600])
def test_combining_in_any_units(unit: float):
    rng = np.random.default_rng(2)
    Z = np.column_stack([np.ones(9), 1e7 + rng.normal(size=9)])
    T = np.array([[1e7, 0.0], [-1.0, 1e-7]])
    scaled = combine(Z * [1, unit], T / np.array([[1], [unit]]))
    np.testing.assert_allclose(scaled, combine(Z, T), rtol=1e-15)
    np.testing.assert_allclose(combine(Z, T), exact(Z, T), rtol=1e-15)


def test_combining_nothing():
    assert combine(np.zeros((0, 2)), np.eye(2)).shape == (0, 2)
    np.testing.assert_array_equal(combine(np.zeros((3, 1)), np.eye(1)), np.zeros((3, 1)))
