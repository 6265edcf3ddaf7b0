"""z'Pz from the elements of P that are stored."""

import numpy as np
import scipy.sparse as sp

from pybootmlm.lmm.several_factors.quadratic_forms import quadratic_forms


def test_against_dense_algebra_and_what_is_not_known() -> None:
    rng = np.random.default_rng(2)
    root = rng.normal(size=(12, 12))
    P = root @ root.T
    index = rng.integers(0, 12, (40, 3))
    value = rng.normal(size=(40, 3))
    value[::5, 1] = 0.0
    rows = np.zeros((40, 12))
    np.add.at(rows, (np.arange(40)[:, None], index), value)
    expected = np.einsum("ia,ab,ib->i", rows, P, rows)
    found, known = quadratic_forms(sp.csr_array(P), index, value)
    assert known.all()
    np.testing.assert_allclose(found, expected, rtol=1e-12)

    # Without the elements between the first six and the last six.
    part = P.copy()
    part[:6, 6:] = part[6:, :6] = 0.0
    found, known = quadratic_forms(sp.csr_array(part), index, value)
    low = (rows[:, :6] != 0).any(axis=1)
    high = (rows[:, 6:] != 0).any(axis=1)
    assert known.tolist() == (~(low & high)).tolist()
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-12)


def test_nothing_is_known_where_nothing_is_stored() -> None:
    index, value = np.array([[0, 1], [2, 0]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    found, known = quadratic_forms(sp.csr_array((3, 3)), index, value)
    assert found.tolist() == [0.0, 0.0]
    assert known.tolist() == [False, True]
