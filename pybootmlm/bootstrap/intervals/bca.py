"""The adjustments of the bca interval, for bias and for a variance that changes with the value."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from pybootmlm.exceptions import StatisticError
from pybootmlm.rng.inversion import normal_quantile, normal_quantile_of

Array = NDArray[np.float64]


def adjusted(alpha: Array, w: float, a: float) -> Array:
    r"""Probabilities (m,) at which the bca interval takes quantiles instead of `alpha`.

    .. math:: \Phi\left(w + \frac{w + z_\alpha}{1 - a (w + z_\alpha)}\right)

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical
    Association 82, 171-185; Davison and Hinkley (1997), equation (5.21).

    Examples
    --------
    >>> adjusted(np.array([0.025, 0.975]), w=0.1, a=0.05).round(4).tolist()
    [0.0546, 0.9917]
    """
    shifted = w + normal_quantile(alpha)
    return np.asarray(ndtr(w + shifted / (1 - a * shifted)))


def bias_correction(t0: float, t: Array) -> float:
    """w: the normal quantile of the share of the replicates (R,) that lie below the estimate.

    Raises
    ------
    StatisticError
        All replicates lie on one side.

    References
    ----------
    Davison and Hinkley (1997), equation (5.22), with R in place of R + 1, as in R's boot.

    Examples
    --------
    >>> round(bias_correction(0.5, np.array([0.1, 0.2, 0.3, 0.7])), 4)
    0.6745
    """
    below = int((t < t0).sum())
    if below in (0, len(t)):
        side = "below" if below else "at or above"
        raise StatisticError(
            f"The adjustment w of the bca interval is infinite: all {len(t)} replicates lie {side} "
            f"the estimate {t0:g}. Take more replicates, or type 'norm' or 'basic'; but if the "
            "bootstrap is this biased, first see whether its scheme suits the model."
        )
    return normal_quantile_of(below / len(t))


def acceleration(influence: Array) -> float:
    r"""a, from the influence values (J,): :math:`\sum L^3 / (6 (\sum L^2)^{3/2})`.

    Raises
    ------
    StatisticError
        The influence values are all 0.

    References
    ----------
    Davison and Hinkley (1997), equation (5.23).

    Examples
    --------
    >>> acceleration(np.array([-1.0, 0.0, 1.0])), round(acceleration(np.array([1.0, 0.0])), 4)
    (0.0, 0.1667)
    """
    largest = float(np.abs(influence).max())
    if largest == 0:
        raise StatisticError(
            "The acceleration of the bca interval is undefined: all influence values are 0, the "
            "statistic does not depend on any one cluster. Take another type of interval."
        )
    L = influence / largest  # a has no unit, and in this one nothing overflows
    return float((L**3).sum() / (6 * (L**2).sum() ** 1.5))
