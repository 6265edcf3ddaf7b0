"""The picture of a study: coverage by design, interval and bootstrap."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pybootmlm.checks import one_of
from pybootmlm.plotting.figure import new_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Told apart without colour too.
MARKERS = "osD^vP*X"
TITLES = {
    "norm": "normal",
    "basic": "basic",
    "stud": "studentised",
    "perc": "percentile",
    "bca": "BCa",
}


def plot_coverage(frame: pd.DataFrame, estimand: str, factors: list[str], level: float) -> "Figure":
    """Coverage with its exact 95% limits, a panel for each bootstrap, a row for each design.

    Parameters
    ----------
    frame : DataFrame
        Of a `CoverageStudy`.
    estimand : str
    factors : list of str
        Columns that name the designs; those with one value are left out.
    level : float
        Nominal level.
    """
    estimands = list(dict.fromkeys(frame["estimand"]))
    shown = frame[frame["estimand"] == one_of(estimand, "estimand", estimands)]
    varied = [name for name in factors if len(set(frame[name])) > 1] or factors[:1]
    labels = shown[varied].astype(str).agg(", ".join, axis=1)
    rows = list(dict.fromkeys(labels))
    bootstraps = list(dict.fromkeys(shown["bootstrap"]))
    kinds = list(dict.fromkeys(shown["interval"]))
    height = 1.6 + 0.16 * len(rows) * (len(kinds) + 1)
    axes = new_axes(len(bootstraps), 2.6 + 2.9 * len(bootstraps), height)
    low = min(float(shown["coverage_low"].min()), level - 0.1)
    for panel, bootstrap in zip(axes, bootstraps, strict=True):
        panel.axvline(level, color="0.4", linewidth=1, zorder=0)
        for k, kind in enumerate(kinds):
            which = (shown["bootstrap"] == bootstrap) & (shown["interval"] == kind)
            part = shown[which]
            at = np.array([rows.index(label) for label in labels[which]]) * (len(kinds) + 1) + k
            coverage = part["coverage"].to_numpy()
            bars = [coverage - part["coverage_low"], part["coverage_high"] - coverage]
            panel.errorbar(
                coverage, at, xerr=np.maximum(bars, 0.0), fmt=MARKERS[k % len(MARKERS)],
                markersize=4, linewidth=1, label=TITLES.get(kind, kind), color=f"C{k}",
            )  # fmt: skip
        panel.set_title(bootstrap)
        panel.set_xlim(low - 0.01, 1.005)
        panel.set_xlabel("coverage")
        panel.set_ylim((len(kinds) + 1) * len(rows) - 1, -1.5)
        panel.grid(axis="x", color="0.9")
        panel.set_axisbelow(True)
        panel.set_yticks([])
    middles = np.arange(len(rows)) * (len(kinds) + 1) + (len(kinds) - 1) / 2
    axes[0].set_yticks(middles, rows)
    axes[0].set_ylabel(", ".join(varied))
    figure = axes[0].figure
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    return figure  # type: ignore[return-value]
