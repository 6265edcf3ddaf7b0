"""Whether runs of a bootstrap may be put together."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def same_replicates(first: Array, second: Array) -> bool:
    """Whether two runs (nsim, k) begin with the same replicates, that is, came from one stream.

    Rows that agree prove it only where they vary: of the rows that both have, at least two
    different ones are needed.

    Examples
    --------
    >>> t = np.array([[1.0], [2.0], [3.0]])
    >>> same_replicates(t, t[:2]), same_replicates(t, t[1:]), same_replicates(t[:1], t[:1])
    (True, False, False)
    """
    shared = min(len(first), len(second))
    a, b = first[:shared], second[:shared]
    if not np.array_equal(a, b, equal_nan=True):
        return False
    finite = a[np.isfinite(a).all(axis=1)]
    return len(np.unique(finite, axis=0)) >= 2
