"""Replicates of two sides against each other, and their differences against the tolerance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parity.errors import ReportError
from parity.tolerances import Tolerance
from parity.values import Value
from pybootmlm.plotting.figure import new_axes
from pybootmlm.plotting.style import FAINT, FITTED, SERIES, cut_all, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
LOWEST = 1e-16  # share of the tolerance where replicates are drawn that agree to the last bit
MARKERS = ("o", "s", "^", "v", "D", "P", "X", "*")


def agreement(
    expected: Value,
    observed: Value,
    tolerance: Tolerance,
    *,
    sides: tuple[str, str] = ("R", "Python"),
    axes: "Sequence[Axes] | None" = None,
) -> "tuple[Axes, Axes]":
    """Draw replicates of two sides: one against the other, and differences against the tolerance.

    Left: each statistic in units of the first side's standard deviation about its mean, so that all
    share the diagonal. Right: each difference as a share of what the tolerance allows, replicate by
    replicate; the line is the limit, and what is equal to the last bit lies at the bottom. What is
    missing on both sides is left out; on one side only, it is a cross at the top.

    Parameters
    ----------
    expected, observed : Value
        ``(nsim, k)`` replicates; columns are matched by name where both have the same names.
    tolerance
        What is allowed.
    sides
        What the two are called.
    axes : sequence of two Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    tuple of two matplotlib.axes.Axes

    Raises
    ------
    ReportError
        They are no matrices of the same shape.
    MissingPackageError
        matplotlib is not installed.

    Examples
    --------
    >>> r = Value.of(np.random.default_rng(1).normal(size=(30, 2)))
    >>> allowed = Tolerance("near", "statistic", 1e-6, 0.0, "element", "six decimals")
    >>> _, differences = agreement(r, Value.of(r.numbers + 1e-8), allowed)
    >>> differences.get_title()
    'All within tolerance'
    """
    theirs, ours = expected.numbers, _matched(expected, observed)
    if theirs.ndim != 2 or theirs.shape != ours.shape or not theirs.size:
        message = f"replicates of one shape are drawn; got {theirs.shape} and {ours.shape}"
        raise ReportError(message)
    given = new_axes(2, 8.4, 3.4) if axes is None else list(axes)
    left, right = given
    names = expected.columns or tuple(str(k + 1) for k in range(theirs.shape[1]))
    share = _shares(theirs, ours, tolerance)
    place = np.arange(1, len(theirs) + 1)
    size = float(np.clip(40 / np.sqrt(len(theirs)), 2.0, 4.5))
    for k, label in enumerate(cut_all(list(names))):
        # Colours and shapes together: eight of each, with other pairs from then on.
        style: dict[str, Any] = {
            "marker": MARKERS[(k + k // len(SERIES)) % len(MARKERS)],
            "color": SERIES[k % len(SERIES)],
            "linestyle": "none",
            "markersize": size,
            "alpha": 0.7,
            "markeredgewidth": 0,
        }
        x, y = _standardised(theirs[:, k], ours[:, k])
        left.plot(x, y, label=plain(label), **style)
        drawn = np.isfinite(share[:, k])
        right.plot(place[drawn], share[drawn, k], **style)
        only = np.isinf(share[:, k])
        right.plot(
            place[only], np.full(only.sum(), 0.96), "x", color=FITTED, markersize=7,
            transform=right.get_xaxis_transform(),
        )  # fmt: skip
    _finish(left, right, share, sides)
    return left, right


def _matched(expected: Value, observed: Value) -> Array:
    """The second side's columns in the order of the first's names."""
    theirs, ours = expected.columns, observed.columns
    if theirs is None or ours is None or theirs == ours or set(theirs) != set(ours):
        return observed.numbers
    return observed.numbers[:, [ours.index(name) for name in theirs]]


def _standardised(theirs: Array, ours: Array) -> tuple[Array, Array]:
    both = np.isfinite(theirs) & np.isfinite(ours)
    x, y = theirs[both], ours[both]
    if not len(x):
        return x, y
    spread = float(x.std())
    unit = spread if spread > 1e-12 * max(float(np.abs(x).max()), 1e-300) else 1.0
    return (x - x.mean()) / unit, (y - x.mean()) / unit


def _shares(theirs: Array, ours: Array, tolerance: Tolerance) -> Array:
    """Differences over what is allowed; infinite where one side alone has no number."""
    lost = np.isnan(theirs) != np.isnan(ours)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.abs(ours - theirs)
        share = np.where(difference > 0, difference / tolerance.allowed(theirs), LOWEST)
    share = np.where(np.isnan(theirs) & np.isnan(ours), np.nan, share)
    return np.where(lost, np.inf, np.where(np.isposinf(share), 1e16, np.maximum(share, LOWEST)))


def _finish(left: "Axes", right: "Axes", share: Array, sides: tuple[str, str]) -> None:
    low, high = left.get_xlim()
    left.plot([low, high], [low, high], color=FAINT, linewidth=0.9, zorder=0)
    left.set(
        xlabel=f"{sides[0]}, standardised",
        ylabel=f"{sides[1]}, on {sides[0]}'s scale",
        title=f"{len(share)} replicates",
    )
    few = share.shape[1] <= len(SERIES)
    if few:
        left.legend(
            fontsize=7, markerscale=1.2, loc="upper left", framealpha=0.75, edgecolor="none"
        )
    finite = share[np.isfinite(share)]
    right.set_yscale("log")
    right.axhline(1.0, color=FITTED, linewidth=1.2)
    right.minorticks_off()
    # Plain texts: setting powers of ten as formulas takes as long as all the rest.
    right.yaxis.set_major_formatter(lambda value, _place: f"{value:.0e}")
    least, most = float(finite.min(initial=1.0)), float(finite.max(initial=1.0))
    right.set_ylim(min(least / 5, 0.1), max(most * 5, 10.0))
    above = int((finite > 1).sum())
    right.set(
        xlabel="Replicate",
        ylabel="Difference / tolerance",
        title=f"{above} of {share.size} above the tolerance" if above else "All within tolerance",
    )
    if np.isinf(share).any():
        right.set_title(f"{int(np.isinf(share).sum())} missing on one side", color=FITTED)
