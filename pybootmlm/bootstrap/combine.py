"""Whether runs of a bootstrap may be put together."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# So many equal replicates in a row are no accident, even of a statistic with few values.
NO_ACCIDENT = 10


def same_replicates(first: Array, second: Array) -> bool:
    """Whether a run (nsim, k) begins inside another, that is, came from the same random numbers.

    From where one begins, all replicates that both have must agree. Replicates that are all equal
    prove nothing: at least two of them must differ.

    Examples
    --------
    >>> t = np.array([[1.0], [2.0], [3.0]])
    >>> same_replicates(t, t[:2]), same_replicates(t, t[1:]), same_replicates(t, t[::-1])
    (True, True, False)
    """
    return _begins_inside(first, second) or _begins_inside(second, first)


def _begins_inside(run: Array, other: Array) -> bool:
    if not len(run) or not len(other):
        return False
    enough = min(len(run), len(other), NO_ACCIDENT)
    for start in np.flatnonzero(_equal(run, other[:1])):
        shared = min(len(run) - int(start), len(other))
        rows = run[start : start + shared]
        if shared >= enough and _equal(rows, other[:shared]).all():
            finite = rows[np.isfinite(rows).all(axis=1)]
            return len(np.unique(finite, axis=0)) >= 2
    return False


def _equal(rows: Array, others: Array) -> NDArray[np.bool_]:
    """Which rows are equal, NaN being equal to NaN."""
    both_nan = np.isnan(rows) & np.isnan(others)
    return np.asarray(((rows == others) | both_nan).all(axis=1))
