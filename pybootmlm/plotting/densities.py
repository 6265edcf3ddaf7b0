"""Densities of the replicates of several statistics, one above the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import flag
from pybootmlm.exceptions import ArgumentError, StatisticError
from pybootmlm.plotting.choice import several
from pybootmlm.plotting.style import BAND, DATA, FITTED, axes_for, cut_all, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
POINTS = 256
TALLEST = 1.6  # rows that the tallest density may cover


class Replicates(Protocol):
    """A bootstrap, as far as its picture goes: `t0` (k,), `t` (nsim, k) and `names`."""

    @property
    def t0(self) -> Array: ...  # noqa: D102
    @property
    def t(self) -> Array: ...  # noqa: D102
    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102


def densities(
    boot: Replicates,
    *,
    which: Sequence[int | str] | int | str | None = None,
    standardised: bool = True,
    ax: "Axes | None" = None,
) -> "Axes":
    r"""Draw the densities of the replicates of several statistics, as ridges on one axis.

    A density is a Gaussian kernel estimate with Scott's bandwidth; standardised ones share one
    scale of height. A tick marks the estimate, which the label gives with the standard deviation of
    the replicates. Replicates that are not finite are left out, and counted in the label. A
    statistic that does not vary is a line.

    Parameters
    ----------
    boot : BootResult
        The bootstrap.
    which : sequence of int or str, optional
        The statistics, from above; all by default.
    standardised : bool
        Replicates less the estimate, in standard deviations of the replicates, so that statistics
        of different units share an axis; or replicates as they are.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        There is no such statistic, or `boot` is no bootstrap.
    StatisticError
        A statistic has no finite replicate.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import pybootmlm as bm
    >>> t = np.random.default_rng(1).normal(size=(999, 2)) * [1, 5] + [10, 50]
    >>> boot = bm.BootResult(np.array([10.0, 49.5]), t, ("slope", "sigma"), "by hand", 999)
    >>> ax = bm.plotting.densities(boot)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['slope\n10 ± 0.998', 'sigma\n49.5 ± 5.08']
    """
    if not all(hasattr(boot, part) for part in ("t0", "t", "names")):
        raise ArgumentError(f"`boot` must be a bootstrap; got {type(boot).__name__}.")
    columns = several(boot.names, which, "which")
    scaled = flag(standardised, "standardised")
    labels = cut_all([boot.names[column] for column in columns])
    rows = [
        _Row(boot, column, label, scaled) for column, label in zip(columns, labels, strict=True)
    ]
    ax = axes_for(ax, 7.0, float(np.clip(1.2 + 0.62 * len(rows), 2.4, 11.0)))
    places = np.arange(len(rows))[::-1].astype(float)
    highest = max((row.density.max() for row in rows if row.varies), default=1.0)
    for row, place in zip(rows, places, strict=True):
        # From above, so that a ridge hides the foot of the one behind it.
        order = 2.0 + (len(rows) - place)
        if not row.varies:
            ax.vlines(row.x[0], place, place + 0.8, color=DATA, zorder=order)
        # Unstandardised densities have units of their own: each is as high as the others.
        unit = highest if scaled else (row.density.max() or 1.0)
        ridge = place + TALLEST / 2 * row.density / unit
        ax.fill_between(row.x, place, ridge, color="white", zorder=order, linewidth=0)
        ax.fill_between(row.x, place, ridge, color=DATA, alpha=BAND, zorder=order, linewidth=0)
        ax.plot(row.x, ridge, color=DATA, linewidth=1.2, zorder=order)
        ax.vlines(row.estimate, place, place + 0.35, color=FITTED, linewidth=2, zorder=order + 0.5)
    ax.set_yticks(places, [row.label for row in rows], fontsize=8 if len(rows) <= 12 else 6)
    ax.set_ylim(-0.15, len(rows) - 1 + TALLEST / 2 + 0.25)
    ax.set_xlabel("Replicate less estimate, in standard deviations" if scaled else "Replicate")
    ax.set_title(f"{len(boot.t)} replicates")
    return ax


class _Row:
    """One ridge: points `x` and `density` there, the estimate, and the label."""

    def __init__(self, boot: Replicates, column: int, name: str, scaled: bool) -> None:
        t0, t = float(boot.t0[column]), np.asarray(boot.t[:, column])
        used = t[np.isfinite(t)]
        if len(used) == 0:
            raise StatisticError(f"None of the {len(t)} replicates of {name!r} is finite.")
        deviation = float(used.std(ddof=1)) if len(used) > 1 else 0.0
        self.varies = deviation > 1e-12 * max(abs(t0), float(np.abs(used).max()), 1e-300)
        lost = f", {len(t) - len(used)} not finite" if len(used) < len(t) else ""
        self.label = plain(f"{name}\n{t0:.4g} ± {deviation:.3g}{lost}")
        values, self.estimate = used, t0
        if scaled:
            # One that does not vary has no unit: it stands where the estimate does, or beside it.
            unit = deviation if self.varies else 1.0
            values, self.estimate = (used - t0) / unit, 0.0
        if not self.varies:
            self.x, self.density = values[:1], np.zeros(1)
            return
        width = scott_bandwidth(values)
        self.x = np.linspace(values.min() - 3 * width, values.max() + 3 * width, POINTS)
        self.density = kernel_density(values, width, self.x)


def scott_bandwidth(values: Array) -> float:
    """Standard deviation of the kernel for n values (n,): that of the values over n^(1/5)."""
    return float(values.std(ddof=1) * len(values) ** -0.2)


def kernel_density(values: Array, width: float, x: Array) -> Array:
    """Density at x (m,): the mean of normal densities about the values (n,).

    Examples
    --------
    >>> kernel_density(np.array([0.0]), 1.0, np.array([0.0])).round(4)
    array([0.3989])
    """
    found = np.zeros_like(x)
    for start in range(0, len(values), 4096):  # m by n numbers could be many
        z = (x[:, None] - values[None, start : start + 4096]) / width
        found += np.exp(-(z**2) / 2).sum(axis=1)
    return np.asarray(found / (len(values) * width * np.sqrt(2 * np.pi)))
