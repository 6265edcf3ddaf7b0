"""The size of residuals against fitted values: whether the variance is one."""

from typing import TYPE_CHECKING

import numpy as np

from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.style import DATA, FAINT, FITTED, axes_for, plain, points_style
from pybootmlm.plotting.trend import trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit

# The mean of sqrt|z| for a standard normal z: 2^(1/4) gamma(3/4) / sqrt(pi).
EXPECTED = 0.8221789586624584


def residuals_scale(fit: "LmerFit", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the roots of absolute studentised residuals against fitted values (scale-location).

    A trend says that the variance changes with the mean; the grey line is what normal errors of
    one variance have.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> bm.plotting.residuals_scale(fit).get_title()
    'Scale and location'
    """
    fit = checked_fit(fit)
    student = fit.rstudent.reindex(fit.design.index).to_numpy()
    has = np.isfinite(student)
    x, y = fit.mu[has], np.sqrt(np.abs(student[has]))
    ax = axes_for(ax, 5.2, 3.8)
    ax.axhline(EXPECTED, color=FAINT, linewidth=0.8)
    ax.plot(x, y, "o", color=DATA, linestyle="none", **points_style(len(x)))
    if len(x):
        ax.plot(*trend(x, y), color=FITTED, linewidth=1.6, label="trend")
        ax.legend(frameon=False, fontsize=8)
    ax.set(
        xlabel=plain(f"Fitted {fit.design.response}"),
        ylabel="Root of |studentised residual|",
        title="Scale and location",
    )
    ax.set_ylim(0, None)
    return ax
