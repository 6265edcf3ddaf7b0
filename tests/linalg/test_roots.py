"""solve_eigen_sqrt against what defines it: R symmetric, R R = M, R x = b."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

Array = np.ndarray


def semidefinite(rank: int, order: int = 5) -> Array:
    root = np.random.default_rng(rank).normal(size=(order, rank))
    return root @ root.T


@pytest.mark.parametrize("columns", [None, 1, 3])
def test_definite_matrix_against_scipy(columns: int | None):
    M = semidefinite(9)
    b = np.random.default_rng(1).normal(size=(5,) if columns is None else (5, columns))
    x = bm.solve_eigen_sqrt(M, b)
    assert x.shape == b.shape
    # The root has a condition below 100.
    np.testing.assert_allclose(sqrtm(M).real @ x, b, rtol=1e-11, atol=1e-11)
    assert not np.allclose(np.linalg.cholesky(M) @ x, b, rtol=1e-3), "control: not any root"


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_semidefinite_matrix_gives_the_pseudo_inverse_of_the_root(rank: int):
    M = semidefinite(rank)
    inverse_root = bm.solve_eigen_sqrt(M, np.eye(5))
    # The four conditions of Moore and Penrose, for the root and this.
    root = M @ inverse_root
    np.testing.assert_allclose(root @ root, M, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(inverse_root, inverse_root.T, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(inverse_root @ M @ inverse_root, M @ np.linalg.pinv(M), atol=1e-9)
    np.testing.assert_allclose(root @ inverse_root @ root, root, rtol=1e-9, atol=1e-9)
    assert np.linalg.matrix_rank(inverse_root, tol=1e-8) == rank


def test_whitening():
    """Cov(M^(-1/2) b) = I where Cov(b) = M: what the residual bootstrap uses it for."""
    M = semidefinite(7)
    half = bm.solve_eigen_sqrt(M, np.eye(5))
    np.testing.assert_allclose(half @ M @ half.T, np.eye(5), rtol=0, atol=1e-11)


def test_zero_and_negative_directions_are_dropped():
    M = np.diag([4.0, 0.0, -1.0, 1e-18])
    np.testing.assert_array_equal(bm.solve_eigen_sqrt(M, np.ones(4)), [0.5, 0, 0, 0])
    np.testing.assert_array_equal(bm.solve_eigen_sqrt(np.zeros((2, 2)), [1.0, 2.0]), [0, 0])


def test_only_the_lower_triangle_is_read():
    M = np.array([[4.0, 99.0], [1.0, 3.0]])
    np.testing.assert_array_equal(
        bm.solve_eigen_sqrt(M, [1.0, 2.0]), bm.solve_eigen_sqrt([[4.0, 1], [1, 3]], [1.0, 2.0])
    )


@pytest.mark.parametrize(
    ("M", "b", "said"),
    [
        (np.zeros((2, 3)), [1, 2], r"`M` must be a square matrix.*shape \(2, 3\)"),
        ([1.0, 2.0], [1, 2], r"`M` must be a square matrix.*shape \(2,\)"),
        ([[1.0, np.nan], [0, 1]], [1, 2], "finite numbers"),
        (np.eye(2), [1, 2, 3], r"`b` must have as many rows as `M` \(2\); got shape \(3,\)"),
        (np.eye(2), np.zeros((2, 2, 2)), r"`b` must have as many rows"),
    ],
)
def test_errors(M: Array, b: Array, said: str):
    with pytest.raises(ArgumentError, match=said):
        bm.solve_eigen_sqrt(M, b)
