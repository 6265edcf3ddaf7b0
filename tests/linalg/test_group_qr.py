"""QR of the rows of every group, against its definition and NumPy's QR.

Gram-Schmidt run twice is orthogonal to rounding; 1e-13 is a few hundred ulps of numbers of order 1.
"""

import numpy as np
import pytest

from pybootmlm.linalg.group_qr import GroupQR, group_qr, group_sums

Array = np.ndarray
CLOSE = {"rtol": 1e-13, "atol": 1e-13}
SIZES = (5, 1, 8, 2, 3)


def rows(q: int, seed: int = 4) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(len(SIZES)), SIZES))
    return np.column_stack([np.ones(len(codes)), rng.normal(size=(len(codes), q - 1))]), codes


def check(qr: GroupQR, Z: Array, codes: Array) -> None:
    """Q F = Z, orthonormal columns, F upper triangular, dependent columns zero."""
    np.testing.assert_allclose(np.einsum("na,abn->nb", qr.Q, qr.F[:, :, codes]), Z, **CLOSE)
    for j in range(codes.max() + 1):
        mine, F = qr.Q[codes == j], qr.F[:, :, j]
        assert (np.tril(F, -1) == 0).all()
        independent = np.diag(F) > 0
        np.testing.assert_allclose(mine.T @ mine, np.diag(independent.astype(float)), **CLOSE)
        assert independent.sum() == np.linalg.matrix_rank(Z[codes == j])
        assert (F[~independent] == 0).all()


@pytest.mark.parametrize("q", [1, 2, 3])
def test_definition(q: int):
    Z, codes = rows(q)
    check(group_qr(Z, codes, len(SIZES)), Z, codes)


def test_against_numpy_where_the_rank_is_full():
    Z, codes = rows(3)
    qr = group_qr(Z, codes, len(SIZES))
    R = np.linalg.qr(Z[codes == 2], mode="r")
    np.testing.assert_allclose(qr.F[:, :, 2], R * np.sign(np.diag(R))[:, None], **CLOSE)


def test_nearly_parallel_columns_stay_orthogonal():
    """A year, 1990 to 2020, beside the intercept: one pass of Gram-Schmidt loses 1e-12 here."""
    codes = np.repeat([0, 1], 31)
    Z = np.column_stack([np.ones(62), np.tile(np.arange(1990.0, 2021.0), 2)])
    qr = group_qr(Z, codes, 2)
    for j in (0, 1):
        mine = qr.Q[codes == j]
        # Z has the condition 1e5; twice is enough for orthogonality all the same.
        np.testing.assert_allclose(mine.T @ mine, np.eye(2), rtol=0, atol=1e-14)
    once = Z[:31, 1] - Z[:31, 1].mean()
    assert abs((once / np.linalg.norm(once)).sum()) < 1e-9


@pytest.mark.parametrize("scale", [1e-150, 1e-8, 1e8, 1e150])
def test_constant_covariate_in_a_group_is_dependent_at_any_scale(scale: float):
    Z, codes = rows(2)
    Z[codes == 2, 1] = 0.7
    Z[codes == 0, 1] = 0.0
    Z[:, 1] *= scale
    qr = group_qr(Z, codes, len(SIZES))
    assert qr.F[1, 1, [0, 1, 2]].tolist() == [0, 0, 0]
    assert (qr.F[1, 1, [3, 4]] > 0).all()
    assert (qr.Q[codes == 2, 1] == 0).all()


def test_coordinates_and_residual():
    Z, codes = rows(2)
    qr = group_qr(Z, codes, len(SIZES))
    columns = np.random.default_rng(0).normal(size=(len(Z), 3))
    coordinates = qr.coordinates(columns)
    left = qr.residual(columns, coordinates)
    for j in range(len(SIZES)):
        mine = codes == j
        projection = Z[mine] @ np.linalg.pinv(Z[mine])
        np.testing.assert_allclose(left[mine], columns[mine] - projection @ columns[mine], **CLOSE)
        np.testing.assert_allclose(coordinates[:, :, j], qr.Q[mine].T @ columns[mine], **CLOSE)
    wrong = qr.residual(columns, coordinates * 1.001)
    assert not np.allclose(wrong, left, **CLOSE), "control"


def test_group_sums_of_empty_groups_are_zero():
    sums = group_sums(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2]), 4)
    np.testing.assert_array_equal(sums, [1, 0, 6, 0])
    assert group_sums(np.zeros(0), np.zeros(0, int), 2).dtype == float
