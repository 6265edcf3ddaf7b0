"""The kinds of intervals: functions of one statistic's replicates.

Each returns the limits of all levels asked for. The table `KINDS` is the only list of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.intervals.bca import acceleration, adjusted, bias_correction
from pybootmlm.bootstrap.intervals.quantiles import norm_inter
from pybootmlm.bootstrap.intervals.sample import Sample
from pybootmlm.bootstrap.intervals.scale import Scale
from pybootmlm.exceptions import ArgumentError, StatisticError
from pybootmlm.rng.inversion import normal_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """Limits of m levels.

    Attributes
    ----------
    values : (m, 2) array
        Lower and upper.
    ranks : (m, 2) array
        Positions of the order statistics used; NaN for the normal approximation.
    extreme : bool
        Whether a position lies at or beyond the ends.
    left_out : int
        Replicates that are not finite on the scale of the calculation.
    """

    values: Array
    ranks: Array
    extreme: bool = False
    left_out: int = 0


def normal(sample: Sample, scale: Scale, conf: Array) -> Limits:
    r"""Bias-corrected normal approximation, :math:`t_0 - b \pm v^{1/2} z`."""
    t0 = scale.forward_one(sample.t0)
    t, left_out = _finite(scale.forward(sample.t_finite))
    if sample.var_t0 is None:
        variance = float(t.var(ddof=1))
    else:
        variance = sample.var_t0 * scale.slope(sample.t0) ** 2
    centre = t0 - (float(t.mean()) - t0)
    reach = np.sqrt(variance) * normal_quantile((1 + conf) / 2)
    limits = scale.back(np.concatenate([centre - reach, centre + reach]))
    return Limits(limits.reshape(2, -1).T, np.full((len(conf), 2), np.nan), left_out=left_out)


def basic(sample: Sample, scale: Scale, conf: Array) -> Limits:
    r"""Basic bootstrap limits, :math:`2 t_0 - t_{((R+1)(1-\alpha))}`."""
    t0 = scale.forward_one(sample.t0)
    return _order_statistics(
        scale.forward(sample.t), tails(-conf), lambda quantiles: scale.back(2 * t0 - quantiles)
    )


def studentised(sample: Sample, scale: Scale, conf: Array) -> Limits:
    r"""Studentised limits, :math:`t_0 - v^{1/2} z_{((R+1)(1-\alpha))}`, z = (t - t0) / sqrt(v).

    Raises
    ------
    ArgumentError
        There are no variances.
    """
    if sample.variances is None:
        raise ArgumentError(
            "A studentised interval needs the variance of the estimate and of each replicate: let "
            "the statistic return it and give `index` as the pair (statistic, variance), or give "
            "`var_t0` and `var_t`."
        )
    t0 = scale.forward_one(sample.t0)
    root = np.sqrt(sample.variances.of_t0 * scale.slope(sample.t0) ** 2)
    roots = np.sqrt(sample.variances.of_t * scale.slopes(sample.t) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (scale.forward(sample.t) - t0) / roots
    return _order_statistics(z, tails(-conf), lambda quantiles: scale.back(t0 - root * quantiles))


def percentile(sample: Sample, scale: Scale, conf: Array) -> Limits:
    r"""Percentile limits, :math:`t_{((R+1)\alpha)}`."""
    return _order_statistics(scale.forward(sample.t), tails(conf), scale.back)


def bca(sample: Sample, scale: Scale, conf: Array) -> Limits:
    r"""Bias-corrected and accelerated percentile limits.

    Raises
    ------
    ArgumentError
        There are no influence values.
    """
    if sample.influence is None:
        raise ArgumentError(
            "A bca interval needs influence values `L` of the statistic, one a cluster, such as "
            "`empinf_mer(fit, statistic, index)`."
        )
    w = bias_correction(sample.t0, sample.t_finite)
    alpha = adjusted(tails(conf), w, acceleration(sample.influence))
    return _order_statistics(
        sample.t_finite, alpha, lambda quantiles: scale.back(scale.forward(quantiles))
    )


# In the order in which they are reported.
KINDS: dict[str, Callable[[Sample, Scale, Array], Limits]] = {
    "norm": normal,
    "basic": basic,
    "stud": studentised,
    "perc": percentile,
    "bca": bca,
}


def tails(conf: Array) -> Array:
    """Probabilities below the lower limits of all m levels, then below the upper ones (2m,).

    Of ``-conf``: those that change places when a limit is reflected.
    """
    return np.asarray((1 + np.concatenate([-conf, conf])) / 2)


def _order_statistics(values: Array, alpha: Array, limits_of: Callable[[Array], Array]) -> Limits:
    """Limits that are functions of the quantiles at `alpha` (2m,) of `values` (R,)."""
    finite, left_out = _finite(values)
    found = norm_inter(finite, alpha)
    limits = limits_of(found.values)
    return Limits(limits.reshape(2, -1).T, found.ranks.reshape(2, -1).T, found.extreme, left_out)


def _finite(values: Array) -> tuple[Array, int]:
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        raise StatisticError(
            f"Only {len(finite)} of {len(values)} replicates are finite on the scale of the "
            "calculation. Look at what `h` makes of them, and for studentised intervals whether "
            "the variances are 0."
        )
    return finite, len(values) - len(finite)
