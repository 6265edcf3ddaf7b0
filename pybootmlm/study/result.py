"""The result of a study: limits of every data set, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.study.design import StudyDesign
from pybootmlm.study.plot import plot_coverage
from pybootmlm.study.proportions import binomial_interval, standard_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class CoverageStudy:
    """A study: the limits that every kind of interval gave on every data set.

    Made by `coverage_study`.

    Attributes
    ----------
    designs : tuple of StudyDesign
    bootstraps : tuple of str
        Schemes.
    intervals : tuple of str
        Kinds of intervals.
    estimands : tuple of str
    limits : (designs, datasets, bootstraps, intervals, estimands, 2) array
        NaN where there is no interval.
    done : (designs, datasets) array of bool
        Which data sets were run.
    problems : mapping of str to int
        Why there is no interval, and how often.
    level : float
        Nominal level.
    nsim : int
        Replicates of a bootstrap.
    seed : int

    Examples
    --------
    >>> import pybootmlm as bm
    >>> study = bm.coverage_study([bm.Design(10, 5, 0.2)], datasets=3, nsim=49, seed=1)
    >>> study
    <CoverageStudy: 1 design, 3 data sets each, 2 bootstraps, 5 intervals of 2 estimands>
    """

    designs: tuple[StudyDesign, ...]
    bootstraps: tuple[str, ...]
    intervals: tuple[str, ...]
    estimands: tuple[str, ...]
    limits: Array
    done: NDArray[np.bool_]
    problems: Mapping[str, int] = field(default_factory=dict)
    level: float = 0.95
    nsim: int = 0
    seed: int = 0

    @property
    def complete(self) -> bool:
        """False if the study was interrupted."""
        return bool(self.done.all())

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each design, estimand, bootstrap and kind of interval.

        Columns: those that name the design; ``estimand``, ``truth``, ``bootstrap``, ``interval``;
        ``datasets`` that were run and ``failed``, those without an interval; ``coverage``, the
        share of the intervals that hold the truth, its Monte Carlo standard error ``mc_se`` and
        exact 95% limits ``coverage_low`` and ``coverage_high``; ``missed_below`` and
        ``missed_above``, the shares of intervals that lie below and above the truth;
        ``mean_width``, ``median_width``.
        """
        rows = []
        for d, design in enumerate(self.designs):
            for e, estimand in enumerate(self.estimands):
                for s, bootstrap in enumerate(self.bootstraps):
                    for i, interval in enumerate(self.intervals):
                        found = self.limits[d, self.done[d], s, i, e]
                        truth = design.truth[estimand]
                        names = {
                            "estimand": estimand,
                            "truth": truth,
                            "bootstrap": bootstrap,
                            "interval": interval,
                        }
                        rows.append({**design.factors, **names, **_summary(found, truth)})
        return pd.DataFrame(rows)

    def plot(self, estimand: str) -> "Figure":
        """Coverage of each kind of interval, design by design; needs matplotlib.

        Parameters
        ----------
        estimand : str
            One of `estimands`.

        Returns
        -------
        Figure
            A panel for each bootstrap; bars are exact 95% limits of the coverage.

        Raises
        ------
        ArgumentError
            There is no such estimand.
        MissingPackageError
            matplotlib is not installed.
        """
        return plot_coverage(self.frame, estimand, list(self.designs[0].factors), self.level)

    def __repr__(self) -> str:
        sizes = (
            f"{len(self.designs)} design{'s' * (len(self.designs) != 1)}",
            f"{self.done.shape[1]} data set{'s' * (self.done.shape[1] != 1)} each",
            f"{len(self.bootstraps)} bootstrap{'s' * (len(self.bootstraps) != 1)}",
            f"{len(self.intervals)} interval{'s' * (len(self.intervals) != 1)} of "
            f"{len(self.estimands)} estimand{'s' * (len(self.estimands) != 1)}",
        )
        state = "" if self.complete else f", {int((~self.done).sum())} data sets not run"
        return f"<CoverageStudy: {', '.join(sizes)}{state}>"


def _summary(limits: Array, truth: float) -> dict[str, Any]:
    """Coverage and width of intervals (K, 2)."""
    found = limits[np.isfinite(limits).all(axis=1)]
    low, high = found[:, 0], found[:, 1]
    n, width = len(found), high - low
    hits = int(((low <= truth) & (truth <= high)).sum())
    at_least, at_most = binomial_interval(hits, n)
    return {
        "datasets": len(limits),
        "failed": len(limits) - n,
        "coverage": hits / n if n else np.nan,
        "mc_se": float(standard_error(hits, n)),
        "coverage_low": float(at_least),
        "coverage_high": float(at_most),
        "missed_below": float((high < truth).mean()) if n else np.nan,
        "missed_above": float((low > truth).mean()) if n else np.nan,
        "mean_width": float(width.mean()) if n else np.nan,
        "median_width": float(np.median(width)) if n else np.nan,
    }
