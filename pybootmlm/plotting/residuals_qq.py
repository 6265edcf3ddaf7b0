"""Residuals against normal quantiles: whether errors are normal."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv  # not scipy.stats: it is slow to import

from pybootmlm.checks import confidence_level
from pybootmlm.exceptions import StatisticError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.replicates import normal_quantiles
from pybootmlm.plotting.style import BAND, DATA, FITTED, axes_for, points_style
from pybootmlm.rng.inversion import normal_quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit


def residuals_qq(fit: "LmerFit", *, level: float = 0.95, ax: "Axes | None" = None) -> "Axes":
    """Draw studentised residuals against normal quantiles.

    The line is where the order statistics of standard normal errors lie, the band where each of
    them alone lies with the given probability (their distribution is a beta's; that residuals are
    a little correlated is left aside). Rows that are fitted exactly have no studentised residual.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    level : float
        Probability of the band, point by point.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    StatisticError
        No row has a studentised residual.
    MissingPackageError
        matplotlib is not installed.

    References
    ----------
    David, H. A. and Nagaraja, H. N. (2003). Order Statistics, third edition, section 2.1.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> ax = bm.plotting.residuals_qq(fit)
    >>> ax.get_title()
    'Normal QQ of 180 residuals, 95% band'
    """
    fit = checked_fit(fit)
    tail = (1 - confidence_level(level)) / 2
    values = fit.rstudent.dropna().to_numpy()
    if len(values) == 0:
        raise StatisticError("Every row is fitted exactly: there are no residuals to draw.")
    count, rank = len(values), np.arange(1.0, len(values) + 1)
    at = normal_quantiles(count)
    low, high = (
        normal_quantile(np.asarray(betaincinv(rank, count + 1 - rank, p))) for p in (tail, 1 - tail)
    )  # fmt: skip
    ax = axes_for(ax, 5.2, 3.8)
    ax.fill_between(at, low, high, color=FITTED, alpha=BAND, linewidth=0)
    ax.plot(at[[0, -1]], at[[0, -1]], color=FITTED, linewidth=1.2)
    ax.plot(at, np.sort(values), "o", color=DATA, linestyle="none", **points_style(count))
    ax.set(
        xlabel="Quantiles of the standard normal",
        ylabel="Studentised residual",
        title=f"Normal QQ of {count} residuals, {100 * level:g}% band",
    )
    return ax
