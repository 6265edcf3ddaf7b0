"""What a factor shares with the rest, carried over and back in three ways, against dense algebra.

Sums of a few hundred products on both sides: 1e-12 relative to their size.
"""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.linalg import block_diag

from pybootmlm.lmm.several_factors import border
from pybootmlm.lmm.several_factors.border import (
    DenseBorder,
    ListedBorder,
    SparseBorder,
    completed,
    dense_border,
)

LEVELS, REST = 40, 9


@pytest.fixture(params=[1, 2, 3])
def q(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def T1r(q: int) -> sp.csr_array:
    """Some levels meet nothing, one meets all, and effects of a level need not meet the same."""
    rng = np.random.default_rng(q)
    values = rng.normal(size=(LEVELS * q, REST)) * (rng.random((LEVELS * q, REST)) < 0.4)
    values[: 2 * q], values[2 * q : 3 * q] = 0.0, 1.5
    return sp.csr_array(values)


def symmetric(rng: np.random.Generator, *shape: int) -> np.ndarray:
    values = rng.normal(size=shape)
    return values + values.swapaxes(0, 1)


def every(T1r: sp.csr_array, q: int, monkeypatch: pytest.MonkeyPatch):
    yield SparseBorder(completed(T1r, q), q)
    monkeypatch.setattr(border, "LISTED_COST", 0)
    listed = dense_border(T1r, q)
    assert isinstance(listed, ListedBorder)
    yield listed
    monkeypatch.setattr(border, "LISTED_UP_TO", 0)
    monkeypatch.setattr(border, "LISTED_FOR_EACH", 0)
    dense = dense_border(T1r, q)
    assert isinstance(dense, DenseBorder)
    yield dense
    monkeypatch.setattr(border, "DENSE_AT_ONCE", 3 * REST * q)
    assert len(list(dense._parts())) == -(-LEVELS // 3)
    yield dense


def test_carried_over(T1r: sp.csr_array, q: int, monkeypatch: pytest.MonkeyPatch):
    P = symmetric(np.random.default_rng(5), q, q, LEVELS)
    dense = T1r.toarray()
    expected = np.tril(dense.T @ block_diag(*np.moveaxis(P, -1, 0)) @ dense)
    for way in every(T1r, q, monkeypatch):
        found = way.carried(P)
        found = np.tril(found if isinstance(found, np.ndarray) else found.toarray())
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-11)
    found[-1, 0] += 1e-6
    assert not np.allclose(found, expected, rtol=1e-12, atol=1e-11), "control"


def test_carried_back(T1r: sp.csr_array, q: int, monkeypatch: pytest.MonkeyPatch):
    N = symmetric(np.random.default_rng(6), REST, REST)
    whole = (T1r.toarray() @ N @ T1r.toarray().T).reshape(LEVELS, q, LEVELS, q)
    expected = whole[np.arange(LEVELS), :, np.arange(LEVELS)]
    for way in every(T1r, q, monkeypatch):
        found = np.moveaxis(way.blocks(N), -1, 0)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-11)


def test_the_map_is_kept_where_few_meet(q: int):
    """Where all meet all, it would have more elements than the products of dense rows take."""
    rng = np.random.default_rng(1)
    few = sp.random_array((3000 * q, 2000), density=0.001, rng=rng, format="csr")
    assert isinstance(dense_border(few, q), ListedBorder)
    all_ = sp.csr_array(np.ones((300 * q, 20)))
    assert isinstance(dense_border(all_, q), DenseBorder)


def test_completed(T1r: sp.csr_array, q: int):
    """All effects of a level have the same elements, some of them zero; the values stay."""
    found = completed(T1r, q)
    np.testing.assert_array_equal(found.toarray(), T1r.toarray())
    for level in range(LEVELS):
        rows = [
            found.indices[found.indptr[i] : found.indptr[i + 1]]
            for i in range(level * q, level * q + q)
        ]
        assert all(np.array_equal(rows[0], row) for row in rows)
    assert completed(found, q) is found
