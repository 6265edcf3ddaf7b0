"""The density for which a profile's zeta would be standard normal."""

from typing import TYPE_CHECKING

import numpy as np

from pybootmlm.checks import confidence_level
from pybootmlm.methods.profiling.result import Profile
from pybootmlm.plotting.profile_zeta import points_of, zeta_curve
from pybootmlm.plotting.style import BAND, DATA, FITTED, axes_for, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def profile_density(
    profile: Profile,
    *,
    parm: int | str | None = None,
    level: float = 0.95,
    ax: "Axes | None" = None,
) -> "Axes":
    r"""Draw the density of a parameter that its profile implies, as lme4's ``densityplot``.

    If zeta were standard normal, the parameter x would have the density
    :math:`\phi(\zeta(x))\,\zeta'(x)`; zeta is interpolated by a rising spline through the profile's
    points. The profile interval is shaded. Where the domain ends before the likelihood does (a
    variance near zero), the density has less than all of its mass, and the title says how much.

    Parameters
    ----------
    profile : Profile
        The profile, with its points (`LmerFit.profile`).
    parm : int or str, optional
        Which parameter; the first by default.
    level : float
        Level of the shaded interval.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        There is no such parameter, or the profile came without enough points.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> ax = bm.plotting.profile_density(fit.profile(), parm="(Intercept)")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('(Intercept)', 'Density')
    """
    name, readable, x, zeta = points_of(profile, parm)
    curve = zeta_curve(x, zeta)
    inside = np.abs(zeta) <= 3.6
    grid = np.linspace(x[inside].min(), x[inside].max(), 401)
    density = np.exp(-(curve(grid) ** 2) / 2) / np.sqrt(2 * np.pi) * curve(grid, 1)
    limits = profile.limits(name, confidence_level(level)).iloc[0]
    low, high = float(limits["lower"]), float(limits["upper"])
    ax = axes_for(ax, 5.0, 3.4)
    ax.plot(grid, density, color=DATA, linewidth=1.6)
    shaded = (grid >= low) & (grid <= high)
    ax.fill_between(grid[shaded], 0, density[shaded], color=DATA, alpha=BAND, linewidth=0)
    ax.axvline(float(limits["estimate"]), color=FITTED, linestyle="--", linewidth=1)
    ax.set_ylim(0, None)
    mass = float((density[1:] + density[:-1]) @ np.diff(grid)) / 2
    short = "" if mass > 0.995 else f"\nmass {mass:.2f}, the rest beyond the domain"
    ax.set(
        xlabel=plain(readable),
        ylabel="Density",
        title=f"Profile density, {100 * level:g}% interval{short}",
    )
    return ax
