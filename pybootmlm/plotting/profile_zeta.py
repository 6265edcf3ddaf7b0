"""The signed root deviance of a profile: straight where the likelihood is normal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import confidence_level
from pybootmlm.exceptions import ArgumentError
from pybootmlm.methods.profiling.result import Profile
from pybootmlm.plotting.choice import chosen
from pybootmlm.plotting.style import DATA, FAINT, FITTED, axes_for, plain
from pybootmlm.rng.inversion import normal_quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from scipy.interpolate import CubicSpline, PchipInterpolator

Array = NDArray[np.float64]


def profile_zeta(
    profile: Profile,
    *,
    parm: int | str | None = None,
    level: float | Iterable[float] = (0.5, 0.8, 0.95, 0.99),
    absolute: bool = False,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw zeta, the signed root of the rise of the deviance, against a parameter.

    A straight line is a quadratic likelihood, for which the estimate plus and minus a multiple of
    the standard error is right; a bend shows on which side it is not. The limits of each level are
    marked: where zeta passes the normal quantiles. lme4's ``xyplot`` of a profile.

    Parameters
    ----------
    profile : Profile
        The profile, with its points (`LmerFit.profile`).
    parm : int or str, optional
        Which parameter, ``".sig01"`` or ``"sd_(Intercept)|Subject"``; the first by default.
    level : float or iterable of float
        Levels of the limits.
    absolute : bool
        Draw the root itself, a valley, in place of the signed one.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        There is no such parameter, or the profile came without points.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> ax = bm.plotting.profile_zeta(fit.profile(), parm=".sigma")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('sigma', 'zeta')
    """
    name, readable, x, zeta = points_of(profile, parm)
    levels = sorted(
        confidence_level(one) for one in (list(level) if np.iterable(level) else [level])
    )
    ax = axes_for(ax, 5.0, 3.8)
    ax.axhline(0, color=FAINT, linewidth=0.8)
    grid = np.linspace(x[0], x[-1], 401)
    drawn = zeta_curve(x, zeta)(grid)
    ax.plot(grid, np.abs(drawn) if absolute else drawn, color=DATA, linewidth=1.6)
    for one in levels:
        z = float(normal_quantile(np.array([0.5 + one / 2]))[0])
        limits = profile.limits(name, one).iloc[0]
        for side, end in ((-1.0, "lower"), (1.0, "upper")):
            if bool(limits[f"at_{end}_bound"]):
                continue  # the deviance does not rise so far: there is nothing to mark
            height = z if absolute else side * z
            ax.vlines(limits[end], min(0.0, height), max(0.0, height), color=FITTED, linewidth=0.9)
            ax.plot([limits[end]], [height], "o", color=FITTED, markersize=3)
        if absolute:
            ax.hlines(z, limits["lower"], limits["upper"], color=FITTED, linewidth=0.9)
    widest = levels[-1] if levels else 0.99
    reach = float(normal_quantile(np.array([0.5 + widest / 2]))[0]) * 1.15
    inside = np.abs(zeta) <= reach
    low, high = float(x[inside].min()), float(x[inside].max())
    margin = 0.06 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(-0.05 * reach if absolute else -reach, reach)
    said = ", ".join(f"{100 * one:g}" for one in levels)
    ax.set(
        xlabel=plain(readable),
        ylabel="|zeta|" if absolute else "zeta",
        title=f"Profile, limits at {said}%" if levels else "Profile",
    )
    return ax


def zeta_curve(x: Array, zeta: Array) -> "CubicSpline | PchipInterpolator":
    """Zeta between the points of a profile: a cubic spline where it rises, else a monotone one."""
    from scipy.interpolate import CubicSpline, PchipInterpolator  # here: it is slow to import

    smooth = CubicSpline(x, zeta)
    if (smooth(np.linspace(x[0], x[-1], 801), 1) > 0).all():
        return smooth
    return PchipInterpolator(x, zeta)


def points_of(profile: Any, parm: int | str | None) -> tuple[str, str, Array, Array]:
    """Names of a parameter, lme4's and a readable one, and its profile's points (m,), ascending.

    Raises
    ------
    ArgumentError
        `profile` is none, came without points, or has no such parameter.
    """
    if not isinstance(profile, Profile):
        raise ArgumentError(
            f"`profile` must be a Profile, as fit.profile() gives; got {type(profile).__name__}."
        )
    readable = [one.readable for one in profile.parameters]
    names = [one.name for one in profile.parameters]
    which = readable.index(parm) if parm in readable else chosen(names, parm, "parm")
    if profile.frame.empty:
        raise ArgumentError(
            f"this profile came without points, so there are none of `{names[which]}`; ask for "
            "them with fit.profile()."
        )
    rows = profile.frame[profile.frame[".par"] == names[which]]
    if rows.empty:
        raise ArgumentError(
            f"`{names[which]}` ({readable[which]}) has no profile to draw: at the estimate the "
            "likelihood does not depend on it (a correlation with an effect of variance zero)."
        )
    x = rows[names[which]].to_numpy(dtype=np.float64)
    zeta = rows[".zeta"].to_numpy(dtype=np.float64)
    finite = np.isfinite(zeta)
    x, first = np.unique(x[finite], return_index=True)
    if len(x) < 3:
        raise ArgumentError(
            f"the profile of `{names[which]}` has {len(x)} points; three are needed."
        )
    return names[which], readable[which], x, zeta[finite][first]
