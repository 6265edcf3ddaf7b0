"""Bootstrap confidence intervals of one statistic, and their print."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pybootmlm.formats import format_common, pad_left, round_as_r
from pybootmlm.tables import Table

# Titles of the columns of R's print, indented as there.
TITLES = {
    "norm": "     Normal",
    "basic": "     Basic",
    "stud": "   Studentized",
    "perc": "    Percentile",
    "bca": "      BCa",
}
WIDTH = 19


@dataclass(frozen=True)
class Interval:
    """One interval.

    Attributes
    ----------
    type : str
        ``"norm"``, ``"basic"``, ``"stud"``, ``"perc"`` or ``"bca"``.
    conf : float
        Confidence level.
    rank_lower, rank_upper : float
        Positions of the order statistics that are the limits; NaN for ``"norm"``. Those of a
        reflected interval (basic, studentised) are falling.
    lower, upper : float
    """

    type: str
    conf: float
    rank_lower: float
    rank_upper: float
    lower: float
    upper: float


@dataclass(frozen=True, repr=False)
class BootCI:
    """Intervals of one statistic, one for each kind and level; ``print`` it, or take the frame.

    Attributes
    ----------
    name : str
        The statistic.
    R : int
        Number of replicates used.
    t0 : float
        The estimate, on the scale of the limits.
    intervals : tuple of Interval
        By kind, then level.
    transformed : bool
        Whether they were calculated on the scale of an `h`.
    carried_back : bool
        Whether an `hinv` was applied.

    Examples
    --------
    >>> ci = BootCI("icc", 999, 0.577, (Interval("perc", 0.95, 25.0, 975.0, 0.372, 0.717),))
    >>> print(ci)
    BOOTSTRAP CONFIDENCE INTERVAL CALCULATIONS
    Based on 999 bootstrap replicates
    <BLANKLINE>
    Statistic : icc
    <BLANKLINE>
    Intervals :
    Level     Percentile
    95%   ( 0.372,  0.717 )
    Calculations and Intervals on Original Scale
    >>> ci.to_frame()
       type  conf  rank_lower  rank_upper  lower  upper
    0  perc  0.95        25.0       975.0  0.372  0.717
    """

    name: str
    R: int
    t0: float
    intervals: tuple[Interval, ...]
    transformed: bool = False
    carried_back: bool = False

    def to_frame(self) -> pd.DataFrame:
        """One row an interval: type, conf, rank_lower, rank_upper, lower, upper."""
        return pd.DataFrame([vars(interval) for interval in self.intervals])

    def of(self, kind: str) -> tuple[Interval, ...]:
        """The intervals of one kind, by level."""
        return tuple(interval for interval in self.intervals if interval.type == kind)

    @property
    def types(self) -> tuple[str, ...]:
        """Kinds of intervals, in their order."""
        return tuple(dict.fromkeys(interval.type for interval in self.intervals))

    def __str__(self) -> str:
        kinds = self.types
        half = len(kinds) if len(kinds) < 4 else (len(kinds) + 1) // 2
        blocks = [self._block(part) for part in (kinds[:half], kinds[half:]) if part]
        head = (
            "BOOTSTRAP CONFIDENCE INTERVAL CALCULATIONS\n"
            f"Based on {self.R} bootstrap replicates\n\nStatistic : {self.name}\n\nIntervals :\n"
        )
        return "\n".join([head + "\n\n".join(blocks), self._scale(), *self._cautions()])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        cells = iter(_common(_limits(self.intervals), self._decimals()))
        rows = [
            (TITLES[i.type].strip(), f"{100 * i.conf:.15g}%", next(cells), next(cells))
            for i in self.intervals
        ]
        table = Table(["type", "level", "lower", "upper"], rows, "lrrr")
        notes = "".join(f"<p>{line}</p>" for line in (self._scale(), *self._cautions()))
        return f"<div>{table.to_html()}{notes}</div>"

    def _decimals(self) -> int:
        """Decimals shown: four, or three digits fewer for each digit before the point."""
        size = np.ceil(np.log10(abs(self.t0))) if self.t0 else -np.inf
        return 4 if size <= 0 else 4 - int(np.fmin(size, 4))

    def _block(self, kinds: tuple[str, ...]) -> str:
        levels = [interval.conf for interval in self.of(kinds[0])]
        limits = _limits(i for kind in kinds for i in self.of(kind))
        # The levels share the limits' format in R, and so may widen them.
        cells = _common([*(100 * level for level in levels), *limits], self._decimals())
        pairs = np.array(cells[len(levels) :]).reshape(len(kinds), len(levels), 2)
        lines = ["Level " + " ".join(TITLES[kind].ljust(WIDTH) for kind in kinds)]
        for row, level in enumerate(levels):
            shown = " ".join(f"({lower}, {upper} )  " for lower, upper in pairs[:, row])
            lines.append(f"{100 * level:.15g}%   {shown}")
        return "\n".join(line.rstrip() for line in lines)

    def _scale(self) -> str:
        if self.transformed:
            if self.carried_back:
                return "Calculations on Transformed Scale;  Intervals on Original Scale"
            return "Calculations and Intervals on  Transformed Scale"
        if self.carried_back:
            return "Calculations on Original Scale  but Intervals Transformed"
        return "Calculations and Intervals on Original Scale"

    def _cautions(self) -> list[str]:
        lines = []
        for kind in self.types:
            ranks = [r for i in self.of(kind) for r in (i.rank_lower, i.rank_upper)]
            title = TITLES[kind].strip()
            if kind != "norm" and (min(ranks) <= 1 or max(ranks) >= self.R):
                lines.append(f"Warning : {title} Intervals used Extreme Quantiles")
            # boot's rule: a limit among the ten outermost order statistics.
            if kind != "norm" and (min(ranks) <= 10 or max(ranks) >= self.R - 9):
                name = title if kind == "bca" else title.lower()
                lines.append(f"Some {name} intervals may be unstable")
        return lines


def _limits(intervals: Iterable[Interval]) -> list[float]:
    return [limit for i in intervals for limit in (i.lower, i.upper)]


def _common(values: list[float], decimals: int) -> list[str]:
    return pad_left(format_common(round_as_r(values, decimals).tolist(), 7))
