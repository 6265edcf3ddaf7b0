"""Groups of rows that a chain of common levels connects, against small cases done by hand."""

import numpy as np
import pytest

from pybootmlm.resampling.connected import connected_rows, place_in_group


@pytest.mark.parametrize(
    ("codes", "groups"),
    [
        ([[0, 1, 2, 0, 1, 2], [0, 1, 0, 0, 1, 0]], [0, 1, 0, 0, 1, 0]),  # nested
        ([[0, 0, 1, 1], [0, 1, 1, 2]], [0, 0, 0, 0]),  # a chain
        ([[0, 0, 1, 1], [0, 1, 2, 3]], [0, 0, 1, 1]),
        ([[0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 1, 1]], [0, 0, 0, 0]),  # by the third factor
        ([[2, 1, 0], [0, 1, 2]], [0, 1, 2]),
    ],
)
def test_connected_rows(codes: list[list[int]], groups: list[int]) -> None:
    found = connected_rows([np.array(one) for one in codes])
    same = found[:, None] == found
    expected = np.array(groups)
    np.testing.assert_array_equal(same, expected[:, None] == expected)
    assert sorted(set(found.tolist())) == list(range(max(groups) + 1))


def test_places_are_distinct_within_a_group_and_small() -> None:
    codes = np.array([4, 0, 3, 0, 1, 2, 4, 2])
    groups = np.array([1, 0, 1, 0, 0, 1, 1, 1])
    places = place_in_group(codes, groups)
    assert places.tolist() == [2, 0, 1, 0, 1, 0, 2, 0]
