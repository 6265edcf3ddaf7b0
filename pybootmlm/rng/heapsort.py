"""The order in which R's heapsort leaves equal weights.

Weighted sampling sorts the weights into descending order first. Where weights tie, the order of
their indices is whatever the heapsort makes of it, and a draw depends on it: a stable sort gives
other samples than R.
"""

import numpy as np
from numpy.typing import NDArray


def descending_order(weights: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the permutation that sorts `weights` into descending order as R does.

    Parameters
    ----------
    weights
        Shape ``(n,)``.

    Returns
    -------
    Indices into `weights`, shape ``(n,)``.

    Notes
    -----
    Without ties every sorting method gives the same order, so NumPy's is used. With ties the
    classical heapsort [1]_ runs: build a heap whose root is the smallest weight, then move the
    root behind the shrinking heap and sift the displaced last element down from the top.

    References
    ----------
    .. [1] Williams, J. W. J. (1964). Algorithm 232: Heapsort. Communications of the ACM 7,
       347-348.

    Examples
    --------
    >>> descending_order(np.array([0.2, 0.2, 0.4, 0.2])).tolist()
    [2, 1, 3, 0]
    """
    order = np.argsort(-weights, kind="stable")
    ranked = weights[order]
    if ranked.size < 2 or (ranked[1:] != ranked[:-1]).all():
        return order
    return np.array(_heapsort(weights.tolist()), dtype=np.intp)


def _heapsort(keys: list[float]) -> list[int]:
    heap = list(range(len(keys)))
    size = len(heap)
    for root in range(size // 2 - 1, -1, -1):
        _sift_down(heap, keys, root, size, heap[root])
    for size in range(len(heap) - 1, 0, -1):
        displaced = heap[size]
        heap[size] = heap[0]
        _sift_down(heap, keys, 0, size, displaced)
    return heap


def _sift_down(heap: list[int], keys: list[float], hole: int, size: int, item: int) -> None:
    """Put `item` into the heap of the first `size` places, starting at the empty place `hole`."""
    key = keys[item]
    child = 2 * hole + 1
    while child < size:
        if child + 1 < size and keys[heap[child]] > keys[heap[child + 1]]:
            child += 1
        if key <= keys[heap[child]]:
            break
        heap[hole] = heap[child]
        hole, child = child, 2 * child + 1
    heap[hole] = item
