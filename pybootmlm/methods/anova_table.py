"""Tables of tests as R prints them: a heading, numbers column by column, p-values with stars."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.formats import format_common, round_as_r
from pybootmlm.tables import Table

Array = NDArray[np.float64]

# R's getOption("digits") - 2.
DIGITS = 5
WIDTH = 80
SMALLEST = float(np.finfo(float).eps)
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."), (np.inf, ""))
LEGEND = (
    "---\nSignif. codes:  0 \N{LEFT SINGLE QUOTATION MARK}***\N{RIGHT SINGLE QUOTATION MARK} 0.001 "
    "\N{LEFT SINGLE QUOTATION MARK}**\N{RIGHT SINGLE QUOTATION MARK} 0.01 "
    "\N{LEFT SINGLE QUOTATION MARK}*\N{RIGHT SINGLE QUOTATION MARK} 0.05 "
    "\N{LEFT SINGLE QUOTATION MARK}.\N{RIGHT SINGLE QUOTATION MARK} 0.1 "
    "\N{LEFT SINGLE QUOTATION MARK} \N{RIGHT SINGLE QUOTATION MARK} 1"
)


@dataclass(frozen=True, eq=False, repr=False)
class AnovaTable:
    """A table of tests; ``print`` it, or let a notebook show it.

    Attributes
    ----------
    frame : DataFrame
        The numbers, under R's names; NaN where a row has none.
    heading : tuple of str
        Lines above the table.
    messages : tuple of str
        What was done on the way.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> print(fit.anova())
    Analysis of Variance Table
         npar Sum Sq Mean Sq F value
    Days    1  30031   30031  45.853
    >>> fit.anova().frame.columns.tolist()
    ['npar', 'Sum Sq', 'Mean Sq', 'F value']
    """

    frame: pd.DataFrame
    heading: tuple[str, ...]
    messages: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The numbers."""
        return self.frame.copy()

    def __str__(self) -> str:
        table, starred = printed_cells(self.frame)
        lines = [*self.messages, *self.heading, table.to_text(WIDTH, 1)]
        return "\n".join([*lines, LEGEND] if starred else lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(line)}</p>" for line in (*self.messages, *self.heading) if line]
        return "<div>" + "".join([*parts, printed_cells(self.frame)[0].to_html()]) + "</div>"


def printed_cells(frame: pd.DataFrame, digits: int = DIGITS) -> tuple[Table, bool]:
    """Cells as R's ``print.anova`` writes them, and whether some p-value has a star."""
    names = [str(name) for name in frame.columns]
    values = frame.to_numpy(dtype=float)
    has_p = re.match(r"(P|Pr)\(", names[-1]) is not None
    tests = [i for i, n in enumerate(names) if n[1:7] == " value" or n in ("F", "Cp", "Chisq")]
    columns: list[list[str]] = [[] for _ in names]
    together = round_as_r(values[:, tests], max(1, min(5, digits - 1)))
    texts = _cells(together.T.ravel(), digits)
    for k, i in enumerate(tests):
        columns[i] = texts[k * len(frame) : (k + 1) * len(frame)]
    starred = False
    for i, name in enumerate(names):
        column = values[:, i]
        if has_p and i == len(names) - 1:
            columns[i] = _p_cells(column, max(1, min(5, digits - 1)))
            starred = bool((column[np.isfinite(column)] < STARS[3][0]).any())
        elif i not in tests:
            shown = column if name.endswith("Df") else _zap(column, digits)
            columns[i] = _never_zero(_cells(shown, digits), shown, digits)
    header, align = ["", *names], "l" + "r" * len(names)
    labels = [str(label) for label in frame.index]
    cells = [labels, *columns]
    if starred:
        header, align = [*header, ""], align + "l"
        cells.append([_star(p) for p in values[:, -1]])
    return Table(header, list(zip(*cells, strict=True)), align), starred


def format_p_values(values: Sequence[float], digits: int, smallest: float = SMALLEST) -> list[str]:
    """P-values as R's ``format.pval``: large ones to common decimals, small ones in powers of ten.

    Examples
    --------
    >>> format_p_values([0.0412, 0.5, 3.1e-7, 1e-20], 4)
    ['0.0412', '0.5000', '3.1e-07', '< 2e-16']
    """
    p = np.asarray(values, dtype=float)
    out = np.full(len(p), "", dtype=object)
    tiny = p < smallest
    exponent = np.floor(np.log10(np.where(p > 0, p, 1e-50)))
    plain = (exponent >= -3) | ((exponent == -4) & (digits > 1))
    for chosen in (~tiny & plain, ~tiny & ~plain):
        out[chosen] = format_common(list(p[chosen]), digits)
    if tiny.any():
        left, blank = max(1, digits - 2), " "
        widest = max((len(text) for text in out[~tiny]), default=None)
        if widest is None:
            blank = "" if left == 1 else " "
        else:
            if left > 1 and left + 6 > widest:
                left = max(1, widest - 7)
            blank = "" if left == 1 and widest <= 6 else " "
        out[tiny] = f"<{blank}{format_common([smallest], left)[0]}"
    return [str(text) for text in out]


def _cells(values: Array, digits: int) -> list[str]:
    """Numbers to a common format; nothing where there is none."""
    known = ~np.isnan(values)
    texts = iter(format_common(list(values[known]), digits))
    return [next(texts) if there else "" for there in known]


def _zap(values: Array, digits: int) -> Array:
    """Rounded so that the largest keeps `digits` digits."""
    known = np.abs(values[~np.isnan(values)])
    largest = known.max() if known.size else 0.0
    if np.isinf(largest):  # as of infinitely many degrees of freedom: no decimals, in R too
        return round_as_r(values, 0)
    decimals = digits - np.log10(largest) if largest > 0 else digits
    return round_as_r(values, max(0, int(np.floor(decimals + 0.5))))


def _never_zero(cells: list[str], values: Array, digits: int) -> list[str]:
    """A number that only looks like zero gets a format of its own."""
    hidden = [i for i, text in enumerate(cells) if text and values[i] != 0 and float(text) == 0]
    shown = format_common([float(values[i]) for i in hidden], max(1, digits - 1))
    out = list(cells)
    for i, text in zip(hidden, shown, strict=True):
        out[i] = text
    return out


def _p_cells(values: Array, digits: int) -> list[str]:
    known = ~np.isnan(values)
    texts = iter(format_p_values(list(values[known]), digits))
    return [next(texts) if there else "" for there in known]


def _star(p: float) -> str:
    return "" if np.isnan(p) else next(star for limit, star in STARS if p <= limit)
