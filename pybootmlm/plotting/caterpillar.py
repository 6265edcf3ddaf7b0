"""Conditional modes of a random effect, level by level, with intervals."""

from typing import TYPE_CHECKING

import numpy as np

from pybootmlm.checks import confidence_level, flag
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.choice import chosen
from pybootmlm.plotting.style import DATA, FAINT, axes_for, cut, label_rows, plain, rows_height
from pybootmlm.rng.inversion import normal_quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit


def caterpillar(
    fit: "LmerFit",
    *,
    factor: int | str | None = None,
    effect: int | str | None = None,
    level: float = 0.95,
    sort: bool = True,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the conditional modes of a random effect with intervals, as lme4's ``dotplot``.

    The intervals are the modes plus and minus normal quantiles of their conditional standard
    deviations (`ranef` with ``cond_var=True``): the uncertainty of the fixed effects and of the
    variances is not in them. Intervals without zero are drawn in full colour.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    factor : int or str, optional
        The grouping factor; the first by default.
    effect : int or str, optional
        The effect, such as ``"Days"``; the first by default.
    level : float
        Coverage of the intervals.
    sort : bool
        Levels in the order of their modes, or in that of the factor.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        There is no such factor or effect.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> ax = bm.plotting.caterpillar(fit, effect="Days")
    >>> ax.get_xlabel(), ax.get_yticklabels()[-1].get_text()
    ('Days, with 95% intervals', '308')
    """
    fit = checked_fit(fit)
    z = float(normal_quantile(np.array([0.5 + confidence_level(level) / 2]))[0])
    effects = fit.ranef(cond_var=True)
    factors = list(effects)
    group = factors[chosen(factors, factor, "factor")]
    frame = effects[group]
    name = frame.columns[chosen([str(c) for c in frame.columns], effect, "effect")]
    column = list(frame.columns).index(name)
    modes = frame.to_numpy()[:, column]
    errors = effects.std_errors[group].to_numpy()[:, column]
    order = np.argsort(modes, kind="stable") if flag(sort, "sort") else np.arange(len(modes))[::-1]
    modes, errors = modes[order], errors[order]
    ax = axes_for(ax, 6.5, rows_height(len(modes)))
    rows = np.arange(len(modes))
    clear = np.abs(modes) > z * errors
    thin = 1.6 if len(modes) <= 100 else 0.8
    for which, colour in ((~clear, FAINT), (clear, DATA)):
        low, high = (modes - z * errors)[which], (modes + z * errors)[which]
        ax.hlines(rows[which], low, high, color=colour, linewidth=thin)
        size = 4.5 if len(modes) <= 100 else 1.8
        ax.plot(modes[which], rows[which], "o", color=colour, markersize=size, linestyle="none")
    ax.axvline(0, color="black", linewidth=0.8)
    label_rows(ax, list(frame.index[order]))
    ax.set(
        xlabel=plain(f"{name}, with {100 * level:g}% intervals"),
        ylabel=plain(cut(group)),
        title=plain(f"Random effects: {len(modes)} level{'s'[: len(modes) > 1]} of {cut(group)}"),
    )
    return ax
