"""The case bootstrap: whole clusters, drawn with replacement."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import flag
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.resampling.scheme import Resamples, one_factor_only
from pybootmlm.rng.draws import Source

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class CaseDraws:
    """Positions drawn.

    Attributes
    ----------
    clusters : (B, J) array of int
        Positions among the clusters in the order of their first appearance.
    rows : tuple of B tuples of arrays, or None
        Positions within each drawn cluster.
    """

    clusters: Indices
    rows: tuple[tuple[Indices, ...], ...] | None = None


@dataclass(frozen=True)
class Case:
    """Clusters drawn with replacement; one that is drawn twice becomes two clusters.

    Attributes
    ----------
    lv1_resample : bool
        Draw the rows of each drawn cluster with replacement too.

    References
    ----------
    Van der Leeden, Meijer and Busing (2008), pp. 417-418; bootmlm 0.1.1, ``type = "case"``.
    """

    lv1_resample: bool = False
    name = "case"

    def __post_init__(self) -> None:
        flag(self.lv1_resample, "lv1_resample")

    def plan(self, fit: LmerFit) -> "CasePlan":
        """Prepare for a fit."""
        one_factor_only(fit, "case")
        codes = fit.design.factors[0].codes
        levels, first = np.unique(codes, return_index=True)
        order = levels[np.argsort(first)]
        rows = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
        return CasePlan(self.lv1_resample, order, tuple(rows))


@dataclass(frozen=True)
class CasePlan:
    """The clusters.

    Attributes
    ----------
    lv1_resample : bool
    order : (J,) array of int
        Levels in the order of their first appearance in the data.
    rows : tuple of J arrays of int
        Rows of each level.
    """

    lv1_resample: bool
    order: Indices
    rows: tuple[Indices, ...]

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[CaseDraws]:
        """Per replicate: clusters, then, cluster by cluster as drawn, rows."""
        J = len(self.order)
        sizes = np.array([len(self.rows[level]) for level in self.order])
        for count in counts:
            if not self.lv1_resample:
                yield CaseDraws(source.indices([(J, J)], count)[0])
                continue
            drawn = source.nested(sizes, count)
            yield CaseDraws(
                np.array([clusters for clusters, _ in drawn]),
                tuple(tuple(rows) for _, rows in drawn),
            )

    def apply(self, draws: CaseDraws) -> Resamples:
        """Data sets from the positions drawn."""
        clusters = self.order[draws.clusters]
        if draws.rows is None:
            return Resamples(clusters)
        rows = tuple(
            tuple(self.rows[level][index] for level, index in zip(levels, drawn, strict=True))
            for levels, drawn in zip(clusters, draws.rows, strict=True)
        )
        return Resamples(clusters, rows)
