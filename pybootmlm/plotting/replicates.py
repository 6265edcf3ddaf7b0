"""The replicates of one statistic: a histogram, and quantiles against the normal distribution."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError, StatisticError
from pybootmlm.plotting.figure import new_axes
from pybootmlm.plotting.style import DATA, FITTED, cut, plain, points_style
from pybootmlm.rng.inversion import normal_quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


def histogram_breaks(t0: float, t: Array) -> Array:
    """Breaks of the histogram of the replicates (R,); the estimate is one of them.

    About one class for 25 replicates, between 10 and 100, over the range of replicates and
    estimate and a twentieth more at each end.

    Examples
    --------
    >>> histogram_breaks(0.0, np.linspace(-1, 1, 101)).round(3).tolist()[:4]
    [-1.1, -0.825, -0.55, -0.275]
    """
    classes = min(max(int(np.ceil(len(t) / 25)), 10), 100)
    low, high = min(t.min(), t0), max(t.max(), t0)
    margin = 0.05 * (high - low)
    low, high = low - margin, high + margin
    width = (high - low) / (classes - 2)
    below, above = np.ceil((t0 - low) / width), np.ceil((high - t0) / width)
    return np.asarray(t0 + np.arange(-below, above + 1) * width)


def normal_quantiles(count: int) -> Array:
    """Normal quantiles (R,) at i / (R + 1), i = 1, ..., R."""
    return normal_quantile(np.arange(1.0, count + 1) / (count + 1))


def plot_replicates(
    t0: float, t: Array, name: str, axes: "Sequence[Axes] | None" = None
) -> "tuple[Axes, Axes]":
    """Draw replicates (nsim,) of a statistic, as R's ``plot.boot`` lays them out.

    Left: their density histogram with the estimate. Right: their order statistics against normal
    quantiles, with the line of the normal distribution of the same mean and standard deviation.

    Parameters
    ----------
    t0 : float
        The estimate.
    t : (nsim,) array
        Replicates; what is not finite is left out.
    name : str
        The statistic.
    axes : sequence of two Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    tuple of two matplotlib.axes.Axes

    Raises
    ------
    StatisticError
        The replicates do not vary.
    ArgumentError
        `axes` are not two.
    MissingPackageError
        matplotlib is not installed.
    """
    used = np.sort(t[np.isfinite(t)])
    if len(used) < 2 or used[0] == used[-1]:
        raise StatisticError(
            f"The replicates of {name!r} do not vary ({len(used)} of {len(t)} are finite): there "
            "is nothing to draw."
        )
    left, right = new_axes(2, width=9.0, height=4.0) if axes is None else _two_axes(axes)
    breaks = histogram_breaks(t0, used).tolist()
    left.hist(used, bins=breaks, density=True, color="#9EC9E2", edgecolor="white", linewidth=0.6)
    left.axvline(t0, color=FITTED, linestyle="--", label=f"estimate {t0:.5g}")
    left.set(xlabel=plain(cut(name)), ylabel="Density", title=f"{len(used)} replicates")
    left.legend(frameon=False)
    quantiles = normal_quantiles(len(used))
    ends = quantiles[[0, -1]]
    right.plot(ends, used.mean() + used.std(ddof=1) * ends, color=FITTED, linestyle="--")
    right.plot(quantiles, used, "o", color=DATA, linestyle="none", **points_style(len(used)))
    right.set(xlabel="Quantiles of the standard normal", ylabel=plain(cut(name)), title="Normal QQ")
    return left, right


def _two_axes(axes: object) -> "tuple[Axes, Axes]":
    wanted = "`axes` must be two of matplotlib's, for the histogram and the quantiles"
    try:
        chosen = list(axes)  # type: ignore[call-overload]
    except TypeError:
        raise ArgumentError(f"{wanted}; got one {type(axes).__name__}.") from None
    if len(chosen) != 2:
        raise ArgumentError(f"{wanted}; got {len(chosen)}.")
    for one in chosen:
        if not all(hasattr(one, method) for method in ("hist", "axvline", "plot", "set")):
            raise ArgumentError(f"{wanted}; got a {type(one).__name__}.")
    return chosen[0], chosen[1]
