"""Cholesky factors by prediction, against dense ones.

Both sides lose the condition number of V in units of 1e-16; V here has one of at most 1e4 except
where a test says otherwise, so 1e-10 leaves a factor of a hundred.
"""

import numpy as np
import pytest

from pybootmlm.resampling.innovations import Innovations, innovations

SAME = {"rtol": 1e-10, "atol": 1e-10}


def rows(seed: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows z (n, d) of seven groups, one of a single row, in mixed order."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(7), [1, 2, 3, 5, 8, 13, 4]))
    z = rng.normal(size=(codes.size, d)) + 0.5
    z[3] = 0.0
    return z, codes


def dense(z: np.ndarray, codes: np.ndarray, S: np.ndarray) -> np.ndarray:
    """V in the order of the rows."""
    return np.eye(len(z)) + np.where(codes[:, None] == codes, z @ S @ z.T, 0.0)


def some_S(kind: str, d: int) -> np.ndarray:
    root = np.tril(np.random.default_rng(9).normal(size=(d, d)))
    if kind == "zero":
        return np.zeros((d, d))
    if kind == "singular":
        root[:, 1:] = 0.0
    if kind == "large":
        root *= 30.0
    return root @ root.T


@pytest.mark.parametrize("kind", ["regular", "zero", "singular", "large"])
@pytest.mark.parametrize("d", [1, 2, 3])
class TestAgainstDense:
    def test_whiten(self, kind: str, d: int) -> None:
        (z, codes), S = rows(1, d), some_S(kind, d)
        r = np.random.default_rng(2).normal(size=(len(z), 3))
        expected = np.linalg.solve(np.linalg.cholesky(dense(z, codes, S)), r)
        np.testing.assert_allclose(innovations(z, codes, S).whiten(r), expected, **SAME)

    def test_colour(self, kind: str, d: int) -> None:
        (z, codes), S = rows(1, d), some_S(kind, d)
        zeta = np.random.default_rng(2).normal(size=(len(z), 3))
        expected = np.linalg.cholesky(dense(z, codes, S)) @ zeta
        np.testing.assert_allclose(innovations(z, codes, S).colour(zeta), expected, **SAME)

    def test_colour_of_unit_vectors_makes_v(self, kind: str, d: int) -> None:
        (z, codes), S = rows(1, d), some_S(kind, d)
        root = innovations(z, codes, S).colour(np.eye(len(z)))
        V = dense(z, codes, S)
        np.testing.assert_allclose(root @ root.T, V, rtol=1e-10, atol=1e-12 * np.abs(V).max())
        assert np.triu(root, 1).max() == 0.0

    def test_one_undoes_the_other(self, kind: str, d: int) -> None:
        (z, codes), S = rows(1, d), some_S(kind, d)
        r = np.random.default_rng(2).normal(size=(len(z), 2))
        factor = innovations(z, codes, S)
        np.testing.assert_allclose(factor.colour(factor.whiten(r)), r, **SAME)


def with_part_taken_away(share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """z, codes, an indefinite S, and V: 1 + zz' - share xx' group by group."""
    (z, codes), (x, _) = rows(1, 1), rows(4, 1)
    S = np.diag([1.0, -share])
    both = np.hstack([z, x])
    return both, codes, S, dense(both, codes, S)


def test_an_indefinite_s_will_do_where_v_is_positive_definite() -> None:
    z, codes, S, V = with_part_taken_away(0.02)
    assert np.linalg.eigvalsh(S)[0] < 0 < np.linalg.eigvalsh(V)[0]
    factor = innovations(z, codes, S)
    assert factor.positive_definite
    r = np.random.default_rng(2).normal(size=(len(z), 2))
    expected = np.linalg.solve(np.linalg.cholesky(V), r)
    np.testing.assert_allclose(factor.whiten(r), expected, **SAME)


@pytest.mark.parametrize("share", np.geomspace(0.01, 3.0, 12))
def test_it_is_flagged_exactly_where_v_is_not_positive_definite(share: float) -> None:
    z, codes, S, V = with_part_taken_away(share)
    assert innovations(z, codes, S).positive_definite == (np.linalg.eigvalsh(V)[0] > 0)


def test_both_flags_occur() -> None:
    """Negative control of the test above."""
    flags = [innovations(*with_part_taken_away(share)[:3]).positive_definite for share in (0.01, 3)]
    assert flags == [True, False]


def test_a_group_without_a_factor_leaves_the_others_theirs() -> None:
    z, codes, S, _ = with_part_taken_away(3.0)
    factor = innovations(z, codes, S)
    good = np.isfinite(factor.whiten(np.ones((len(z), 1)))).all(axis=1)
    by_group = [good[codes == j] for j in range(7)]
    assert any(one.all() for one in by_group)
    assert any(not one.all() for one in by_group)


def test_the_order_of_rows_matters_within_groups() -> None:
    """Negative control: the factor of other rows first is another one."""
    z, codes = rows(1, 2)
    S = some_S("regular", 2)
    r = np.random.default_rng(2).normal(size=(len(z), 1))
    back = innovations(z[::-1], codes[::-1], S).whiten(r[::-1])[::-1]
    assert not np.allclose(back, innovations(z, codes, S).whiten(r), rtol=1e-3)


def test_variances_of_all_sizes_keep_ten_digits() -> None:
    """Random intercepts a thousand times the residual: V has condition 1e7, so 1e-8 is lost."""
    z, codes = np.ones((36, 1)), rows(1, 1)[1]
    S = np.array([[1e6]])
    r = np.random.default_rng(2).normal(size=(36, 1))
    expected = np.linalg.solve(np.linalg.cholesky(dense(z, codes, S)), r)
    np.testing.assert_allclose(innovations(z, codes, S).whiten(r), expected, rtol=1e-7, atol=1e-8)


def test_is_linear_in_the_rows_in_memory() -> None:
    """A factor holds some numbers a row: 200,000 rows in one group would need 320 GB densely."""
    n = 200_000
    codes = np.repeat(np.arange(1000), 200)
    factor = innovations(np.ones((n, 1)), codes, np.array([[0.5]]))
    assert isinstance(factor, Innovations)
    sizes = [factor.z.size, factor.gain.size, factor.sd.size, sum(s.size for s in factor.steps)]
    assert max(sizes) <= n
