"""Residuals against fitted values: whether the mean is right."""

from typing import TYPE_CHECKING

from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.style import DATA, FAINT, FITTED, axes_for, plain, points_style
from pybootmlm.plotting.trend import trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit


def residuals_fitted(fit: "LmerFit", *, ax: "Axes | None" = None) -> "Axes":
    """Draw Pearson residuals against fitted values, as lme4's ``plot`` of a fit.

    A trend (means of slices with equally many points) away from zero says that the mean is wrong; a
    funnel, that the variance is.

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
    >>> ax = bm.plotting.residuals_fitted(fit)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Fitted Reaction', 'Pearson residual')
    """
    fit = checked_fit(fit)
    values = fit.model.coordinates.weigh(fit.design.y - fit.mu)
    ax = axes_for(ax, 5.2, 3.8)
    ax.axhline(0, color=FAINT, linewidth=0.8)
    ax.plot(fit.mu, values, "o", color=DATA, linestyle="none", **points_style(len(values)))
    ax.plot(*trend(fit.mu, values), color=FITTED, linewidth=1.6, label="trend")
    ax.set(
        xlabel=plain(f"Fitted {fit.design.response}"),
        ylabel="Pearson residual",
        title="Residuals and fitted values",
    )
    ax.legend(frameon=False, fontsize=8)
    return ax
