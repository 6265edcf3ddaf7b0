"""Residuals against leverages: which rows carry the fit."""

from typing import TYPE_CHECKING

import numpy as np

from pybootmlm.checks import is_integer
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.style import DATA, FAINT, FITTED, axes_for, cut, plain, points_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit


def residuals_leverage(fit: "LmerFit", *, named: int = 3, ax: "Axes | None" = None) -> "Axes":
    """Draw studentised residuals against leverages, the rows of largest Cook's distance named.

    Leverages are the diagonal of the hat matrix of all effects; its mean is marked.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    named : int
        How many rows to name.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        `named` is no count.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> ax = bm.plotting.residuals_leverage(fit, named=2)
    >>> sorted(text.get_text() for text in ax.texts)
    ['56', '59']
    """
    fit = checked_fit(fit)
    if not is_integer(named) or int(named) < 0:
        raise ArgumentError(f"`named` must be 0 or a positive integer; got {named!r}.")
    used = fit.design.index
    student = fit.rstudent.reindex(used).to_numpy()
    distance = fit.cooks_distance.reindex(used).to_numpy()
    has = np.isfinite(student) & np.isfinite(distance)
    ax = axes_for(ax, 5.2, 3.8)
    ax.axhline(0, color=FAINT, linewidth=0.8)
    ax.axvline(float(fit.hat.mean()), color=FAINT, linestyle="--", linewidth=0.8, label="mean")
    style = points_style(int(has.sum()))
    ax.plot(fit.hat[has], student[has], "o", color=DATA, linestyle="none", **style)
    # At the largest distance first; equal ones in the order of the rows.
    ranked = np.flatnonzero(has)[np.argsort(-distance[has], kind="stable")][: int(named)]
    ax.plot(
        fit.hat[ranked], student[ranked], "o", color=FITTED, markersize=5, markerfacecolor="none",
        linestyle="none", label="largest Cook's distance",
    )  # fmt: skip
    middle = float(np.mean(ax.get_xlim()))
    ax.margins(y=0.12)
    ax.locator_params(axis="x", nbins=6)
    for place, row in enumerate(ranked):
        left = bool(fit.hat[row] > middle)
        ax.annotate(
            plain(cut(used[row])), (fit.hat[row], student[row]),
            xytext=(-5 if left else 5, -10 if place % 2 else 4), textcoords="offset points",
            ha="right" if left else "left", color=FITTED, fontsize=8,
        )  # fmt: skip
    ax.set(xlabel="Leverage", ylabel="Studentised residual", title="Residuals and leverage")
    ax.legend(frameon=False, fontsize=8)
    return ax
