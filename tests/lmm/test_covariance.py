"""Templates of Lambda, and the canonical root, against their definitions."""

import numpy as np
import pytest

from pybootmlm.lmm.covariance import build_covariance, canonical, lower_triangle

Array = np.ndarray
# Orthogonal transformations of matrices of order 1: some ulps.
CLOSE = {"rtol": 1e-13, "atol": 1e-13}


def test_lower_triangle_runs_down_the_columns():
    rows, columns = lower_triangle(3)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [
        *((0, 0), (1, 0), (2, 0), (1, 1), (2, 1), (2, 2))
    ]


def test_templates_of_two_factors():
    """(x | g) + (1 | h) + (0 + z | g): the terms of g stand together."""
    covariance = build_covariance((0, 1, 0), (2, 1, 1))
    theta = np.array([1.0, 2, 3, 4, 5])
    assert covariance.n_theta == 5
    np.testing.assert_array_equal(
        covariance.factors[0].Lambda(theta), [[1, 0, 0], [2, 3, 0], [0, 0, 5]]
    )
    np.testing.assert_array_equal(covariance.factors[1].Lambda(theta), [[4]])
    np.testing.assert_array_equal(covariance.on_diagonal, [True, False, True, True, True])
    matrices = covariance.term_matrices(theta)
    np.testing.assert_array_equal(matrices[0], [[1, 0], [2, 3]])
    np.testing.assert_array_equal(covariance.from_matrices(matrices), theta)
    many = np.stack([theta, 2 * theta], axis=1)
    np.testing.assert_array_equal(
        covariance.factors[0].Lambda(many)[..., 1], 2 * covariance.factors[0].Lambda(theta)
    )
    K = np.arange(9.0).reshape(3, 3)
    K = K + K.T
    # tr(K d(LL')) by the entries of L: of 2 K L those that belong to the terms.
    by_entry = 2 * K @ covariance.factors[0].Lambda(theta)
    np.testing.assert_array_equal(
        covariance.factors[0].gradient(K, theta), by_entry[[0, 1, 1, 2], [0, 0, 1, 2]]
    )


def lower_matrices() -> list[Array]:
    rng = np.random.default_rng(3)
    out = []
    for q in (1, 2, 3, 4):
        for _ in range(4):
            full = np.tril(rng.normal(size=(q, q)))
            out.append(full)
            for zeros in ((0,), (q - 1,), (0, q - 1), tuple(range(q))):
                partial = full.copy()
                partial[list(zeros), list(zeros)] = 0.0
                out.append(partial)
    return out


@pytest.mark.parametrize("Lambda", lower_matrices(), ids=lambda L: f"q={len(L)}")
def test_canonical_is_the_cholesky_factor_of_a_semidefinite_matrix(Lambda: Array):
    root = canonical(Lambda)
    np.testing.assert_allclose(root @ root.T, Lambda @ Lambda.T, **CLOSE)
    assert (np.triu(root, 1) == 0).all()
    assert (np.diag(root) >= 0).all()
    for k in range(len(root)):
        if root[k, k] == 0:
            assert (root[:, k] == 0).all()
    np.testing.assert_array_equal(canonical(root), root, "idempotent")


def test_canonical_of_a_definite_matrix_is_unique():
    """Any signs of the columns lead to the Cholesky factor."""
    L = np.linalg.cholesky(np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.4], [0.1, -0.4, 3.0]]))
    for signs in np.ndindex(2, 2, 2):
        np.testing.assert_allclose(canonical(L * (1 - 2 * np.array(signs))), L, **CLOSE)


def test_entries_below_a_vanishing_diagonal_move_right():
    """At theta_11 = 0 lme4's 0, b, c stands for any with the same b^2 + c^2."""
    np.testing.assert_allclose(
        canonical(np.array([[0.0, 0.0], [3.0, -4.0]])), [[0, 0], [0, 5]], **CLOSE
    )


def test_tolerance_takes_small_diagonals_for_zero():
    L = np.array([[1e-5, 0.0], [0.6, 0.8]])
    np.testing.assert_array_equal(canonical(L), L)
    np.testing.assert_allclose(canonical(L, 1e-4), [[0, 0], [0, 1]], **CLOSE)
    np.testing.assert_array_equal(canonical(np.diag([-2.0, 1e-6]), 1e-4), np.diag([2.0, 0.0]))


def test_the_argument_is_left_alone():
    L = np.array([[0.0, 0.0], [3.0, -4.0]])
    canonical(L)
    np.testing.assert_array_equal(L, [[0, 0], [3, -4]])
