"""Contrast matrices and polynomials against their defining properties."""

import numpy as np
import pytest

from pybootmlm.design.contrasts import deviation, helmert, indicators, polynomial, treatment
from pybootmlm.design.transforms import orthogonal_polynomials, scale

LEVELS = ("a", "b", "c", "d", "e", "f")


@pytest.mark.parametrize("k", [2, 3, 6])
@pytest.mark.parametrize("coding", [treatment, deviation, helmert, polynomial])
def test_contrasts_and_a_constant_span_the_levels(coding, k):
    built = coding(LEVELS[:k])
    assert built.matrix.shape == (k, k - 1)
    assert len(built.suffixes) == k - 1
    assert np.linalg.matrix_rank(np.column_stack([np.ones(k), built.matrix])) == k


@pytest.mark.parametrize("coding", [deviation, helmert, polynomial])
def test_columns_sum_to_zero(coding):
    np.testing.assert_allclose(coding(LEVELS).matrix.sum(axis=0), 0, atol=1e-14)


def test_helmert_columns_are_orthogonal():
    product = helmert(LEVELS).matrix.T @ helmert(LEVELS).matrix
    np.testing.assert_allclose(product, np.diag([2, 6, 12, 20, 30]), atol=1e-14)


def test_polynomials_are_orthonormal_and_named_by_degree():
    built = polynomial(LEVELS)
    np.testing.assert_allclose(built.matrix.T @ built.matrix, np.eye(5), atol=1e-14)
    assert built.suffixes == (".L", ".Q", ".C", "^4", "^5")


def test_three_levels_by_hand():
    root2, root6 = np.sqrt(2), np.sqrt(6)
    expected = np.array([[-1 / root2, 1 / root6], [0, -2 / root6], [1 / root2, 1 / root6]])
    np.testing.assert_allclose(polynomial(LEVELS[:3]).matrix, expected, atol=1e-15)


def test_treatment_and_indicators():
    assert treatment(LEVELS).suffixes == LEVELS[1:]
    np.testing.assert_array_equal(indicators(LEVELS).matrix, np.eye(6))


def test_orthogonal_polynomials_against_a_qr():
    x = np.random.default_rng(5).normal(3, 2, 50)
    columns, _ = orthogonal_polynomials(x, 4)
    q = np.linalg.qr(np.vander(x - x.mean(), 5, increasing=True))[0][:, 1:]
    # A QR knows its columns up to sign; a polynomial's leading coefficient is positive.
    q *= np.sign(np.einsum("ij,ij->j", q, columns))
    np.testing.assert_allclose(columns, q, rtol=0, atol=1e-12)
    leading = [np.polyfit(x, columns[:, k], k + 1)[0] for k in range(4)]
    assert min(leading) > 0


def test_the_state_repeats_the_polynomials_at_other_points():
    x = np.linspace(-2, 7, 30)
    columns, state = orthogonal_polynomials(x, 3)
    again, _ = orthogonal_polynomials(x[[4, 20]], 3, state)
    np.testing.assert_allclose(again, columns[[4, 20]], rtol=0, atol=1e-14)


def test_scale():
    x = np.array([1.0, np.nan, 4.0, 7.0])
    values, state = scale(x, True, True, None)
    np.testing.assert_allclose(values, [-1, np.nan, 0, 1])
    assert state == (4.0, 3.0)
    # Without centring R divides by the root mean square, over n - 1.
    assert scale(x, False, True, None)[1] == (0.0, pytest.approx(np.sqrt(66 / 2)))
