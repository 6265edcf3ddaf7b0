"""Means and standard deviations of columns, without the replicates that failed."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def column_means(t: Array) -> Array:
    """Mean of each column (k,) of replicates (nsim, k) over what is not NaN.

    Examples
    --------
    >>> column_means(np.array([[1.0, np.nan], [3.0, np.nan]])).tolist()
    [2.0, nan]
    """
    present = ~np.isnan(t)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(present, t, 0.0).sum(axis=0) / present.sum(axis=0))


def column_std(t: Array) -> Array:
    """Standard deviation of each column (k,), with divisor n - 1; NaN below two values.

    Examples
    --------
    >>> column_std(np.array([[1.0, 5.0], [3.0, np.nan]])).round(3).tolist()
    [1.414, nan]
    """
    present = ~np.isnan(t)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = np.where(present, t - column_means(t), 0.0)
        squares = (deviations**2).sum(axis=0)
        count = present.sum(axis=0)
        return np.asarray(np.sqrt(squares / np.where(count > 1, count - 1, np.nan)))
