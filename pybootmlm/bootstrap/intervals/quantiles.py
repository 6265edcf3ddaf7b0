"""Quantiles of bootstrap replicates, between order statistics on the normal scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.formats import round_as_r
from pybootmlm.rng.inversion import normal_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of R replicates.

    Attributes
    ----------
    ranks : (m,) array
        Positions (R + 1) alpha among the order statistics, to two decimals.
    values : (m,) array
    extreme : bool
        Whether a position lies at or beyond the smallest or the largest order statistic.
    """

    ranks: Array
    values: Array
    extreme: bool


def norm_inter(t: Array, alpha: Array) -> Quantiles:
    r"""Quantiles of the replicates `t` (R,) at the probabilities `alpha` (m,).

    With :math:`k = \lfloor (R + 1)\alpha \rfloor` the quantile is

    .. math:: t_{(k)} + \frac{\Phi^{-1}(\alpha) - \Phi^{-1}(k/(R+1))}
              {\Phi^{-1}((k+1)/(R+1)) - \Phi^{-1}(k/(R+1))} (t_{(k+1)} - t_{(k)}),

    an order statistic where :math:`(R + 1)\alpha` is whole, and the outermost one beyond the ends.

    References
    ----------
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and Their Application. Cambridge
    University Press, equation (5.8).

    Examples
    --------
    >>> norm_inter(np.arange(1.0, 100.0), np.array([0.05, 0.5, 0.975])).values.round(3).tolist()
    [5.0, 50.0, 97.458]
    """
    R = len(t)
    position = (R + 1) * alpha
    k = np.clip(np.trunc(position), 0, R).astype(np.intp)
    ordered = np.sort(t)
    values = ordered[np.clip(k, 1, R) - 1]
    between = np.flatnonzero((k != position) & (k > 0) & (k < R))
    if between.size:
        low = k[between]
        at, start, end = normal_quantile(
            np.concatenate([alpha[between], low / (R + 1), (low + 1) / (R + 1)])
        ).reshape(3, -1)
        step = ordered[low] - ordered[low - 1]
        values[between] = ordered[low - 1] + (at - start) / (end - start) * step
    extreme = not bool(((position > 1) & (position < R)).all())
    return Quantiles(round_as_r(position, 2), values, extreme)
