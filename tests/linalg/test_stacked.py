"""Stacks of small matrices against NumPy's own linear algebra, one matrix at a time.

Matrices are well conditioned and of order 1 to 4: 1e-13 is a thousand times rounding.
"""

import numpy as np
import pytest

from pybootmlm.linalg import stacked

Array = np.ndarray
CLOSE = {"rtol": 1e-13, "atol": 1e-13}
BATCH = (3, 5)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def positive(rng: np.random.Generator, order: int, batch: tuple[int, ...] = BATCH) -> Array:
    root = rng.normal(size=(order, order + 2, *batch))
    return stacked.outer_gram(root)


def each(stack: Array) -> Array:
    """Batch axes first, as NumPy wants them."""
    return np.moveaxis(stack, (0, 1), (-2, -1))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_products(rng: np.random.Generator, order: int):
    A, B = rng.normal(size=(order, 3, *BATCH)), rng.normal(size=(3, 2, *BATCH))
    C = rng.normal(size=(order, 2, *BATCH))
    np.testing.assert_allclose(each(stacked.multiply(A, B)), each(A) @ each(B), **CLOSE)
    np.testing.assert_allclose(
        each(stacked.gram(A, C)), each(A).swapaxes(-1, -2) @ each(C), **CLOSE
    )
    np.testing.assert_allclose(
        each(stacked.outer_gram(A)), each(A) @ each(A).swapaxes(-1, -2), **CLOSE
    )


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_cholesky_and_solves(rng: np.random.Generator, order: int):
    A, B = positive(rng, order), rng.normal(size=(order, 3, *BATCH))
    L = stacked.cholesky(A)
    np.testing.assert_allclose(each(L), np.linalg.cholesky(each(A)), **CLOSE)
    for found, left in (
        (stacked.solve_lower(L, B), each(L)),
        (stacked.solve_lower_transposed(L, B), each(L).swapaxes(-1, -2)),
    ):
        # Condition numbers reach 1e2 here.
        np.testing.assert_allclose(left @ each(found), each(B), rtol=1e-11, atol=1e-12)
    logs = np.log(np.linalg.det(each(A))) / 2
    np.testing.assert_allclose(stacked.log_diagonal(L), logs, rtol=1e-11, atol=1e-12)


def test_batch_axes_broadcast(rng: np.random.Generator):
    A, B = positive(rng, 2, (1, 5)), rng.normal(size=(2, 3, 4, 1))
    assert stacked.multiply(A, B).shape == (2, 3, 4, 5)
    assert stacked.gram(A, B).shape == (2, 3, 4, 5)
    X = stacked.solve_lower(stacked.cholesky(A), B)
    assert X.shape == (2, 3, 4, 5)
    Y = stacked.solve_lower_transposed(stacked.cholesky(A), B)
    np.testing.assert_allclose(
        each(Y)[2, 4], np.linalg.solve(np.linalg.cholesky(A[:, :, 0, 4]).T, B[:, :, 2, 0]), **CLOSE
    )
    assert Y.shape == X.shape


def test_a_matrix_that_is_not_positive_spoils_only_itself(rng: np.random.Generator):
    A = positive(rng, 3, (4,))
    A[:, :, 1] = -np.eye(3)
    A[:, :, 2] = np.nan
    L = stacked.cholesky(A)
    assert np.isnan(L[:, :, [1, 2]]).any(axis=(0, 1)).all()
    assert np.isnan(stacked.log_diagonal(L)[[1, 2]]).all()
    np.testing.assert_allclose(L[:, :, 0], np.linalg.cholesky(A[:, :, 0]), **CLOSE)
    np.testing.assert_allclose(L[:, :, 3], np.linalg.cholesky(A[:, :, 3]), **CLOSE)


def test_inputs_are_left_alone(rng: np.random.Generator):
    A, B = positive(rng, 3), rng.normal(size=(3, 2, *BATCH))
    kept = A.copy(), B.copy()
    L = stacked.cholesky(A)
    stacked.solve_lower(L, B)
    stacked.solve_lower_transposed(L, B)
    np.testing.assert_array_equal(A, kept[0])
    np.testing.assert_array_equal(B, kept[1])


def test_control_a_wrong_triangle_is_seen(rng: np.random.Generator):
    L, B = stacked.cholesky(positive(rng, 3)), rng.normal(size=(3, 2, *BATCH))
    wrong = stacked.solve_lower_transposed(L, B)
    assert not np.allclose(each(L) @ each(wrong), each(B), rtol=1e-3)


@pytest.mark.parametrize("q", [1, 2, 3, 5])
@pytest.mark.parametrize("k", [1, 3])
def test_root_above_identity_is_the_cholesky_factor_of_I_plus_RR(q: int, k: int):
    R = np.random.default_rng(q).normal(size=(q, k, 4, 2))
    L = stacked.root_above_identity(R)
    for b, j in np.ndindex(4, 2):
        expected = np.linalg.cholesky(np.eye(q) + R[..., b, j] @ R[..., b, j].T)
        np.testing.assert_allclose(L[..., b, j], expected, rtol=1e-13, atol=1e-14)
