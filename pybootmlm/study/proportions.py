"""A share and how exactly a simulation knows it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv  # not scipy.stats: it is slow to import

Array = NDArray[np.float64]


def standard_error(successes: ArrayLike, trials: ArrayLike) -> Array:
    """Monte Carlo standard error of shares: the root of p (1 - p) / n.

    Examples
    --------
    >>> float(standard_error(95, 100).round(4))
    0.0218
    """
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        return np.asarray(np.sqrt(p * (1 - p) / n))


def binomial_interval(
    successes: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[Array, Array]:
    """Exact limits of shares, of Clopper and Pearson; NaN where there were no trials.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26, 404-413.

    Examples
    --------
    >>> low, high = binomial_interval(95, 100)
    >>> float(low.round(4)), float(high.round(4))
    (0.8872, 0.9836)
    """
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
        high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
