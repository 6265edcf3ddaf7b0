"""Rows that are correlated because a chain of common levels connects them."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Indices = NDArray[np.intp]


def connected_rows(codes: list[Indices]) -> Indices:
    """Number of the connected component of each row (n,): rows of one level are connected."""
    from scipy.sparse.csgraph import connected_components  # a tenth of the package's import

    starts = np.cumsum([0, *(int(one.max()) + 1 for one in codes)])
    levels = np.array([one + start for one, start in zip(codes, starts[:-1], strict=True)])
    pairs = np.hstack([levels[[0, f]] for f in range(1, len(codes))])
    graph = sp.coo_array((np.ones(pairs.shape[1]), tuple(pairs)), shape=(starts[-1], starts[-1]))
    component = connected_components(graph, directed=False)[1]
    return np.unique(component[levels[0]], return_inverse=True)[1].astype(np.intp)


def place_in_group(codes: Indices, groups: Indices) -> Indices:
    """Number of each row's level among the levels of its group (n,), from 0."""
    levels, first = np.unique(codes, return_index=True)
    group = groups[first]
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    place = np.empty(len(levels), np.intp)
    place[order] = np.arange(len(levels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return place[codes]
