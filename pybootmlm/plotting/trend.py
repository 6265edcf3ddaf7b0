"""A trend through a cloud of points: means of slices with equally many points."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST = 12  # slices


def trend(x: Array, y: Array) -> tuple[Array, Array]:
    """Mean x and mean y of slices of equally many points: sqrt(n) / 1.5 of them, at most 12.

    Examples
    --------
    >>> x, y = trend(np.arange(10.0), np.arange(10.0) ** 2)
    >>> x.tolist(), y.tolist()
    ([2.0, 7.0], [6.0, 51.0])
    """
    order = np.argsort(x, kind="stable")
    slices = np.array_split(order, int(np.clip(np.sqrt(len(x)) / 1.5, 1, MOST)))
    return np.array([x[s].mean() for s in slices]), np.array([y[s].mean() for s in slices])
