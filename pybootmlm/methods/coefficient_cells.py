"""A table of estimates and tests as R's ``printCoefmat`` writes its cells."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.formats import format_common, pad_left, round_as_r
from pybootmlm.methods.anova_table import STARS, format_p_values
from pybootmlm.tables import Table

Array = NDArray[np.float64]

# R's max(3, getOption("digits") - 3).
DIGITS = 4


def coefficient_cells(frame: pd.DataFrame) -> tuple[Table, bool]:
    """Text of the cells, and whether some p-value has a star.

    Parameters
    ----------
    frame : DataFrame
        Estimate and Std. Error first (df, lower and upper may follow), then test statistics, and
        last, if at all, a p-value whose name begins with ``Pr(``.

    Examples
    --------
    >>> table, starred = coefficient_cells(
    ...     pd.DataFrame({"Estimate": [10.467], "Std. Error": [1.546], "t value": [6.771]}, ["x"])
    ... )
    >>> print(table.to_text())
      Estimate Std. Error t value
    x   10.467      1.546   6.771
    """
    names, values = [str(name) for name in frame.columns], frame.to_numpy(dtype=float)
    tested = names[-1].startswith("Pr(")
    shown, limits = {"Estimate", "Std. Error", "df"}, {"lower", "upper"}
    columns: dict[str, list[str]] = {}
    # R gives all columns before the test statistic one format; the limits of intervals have theirs.
    for group in (shown, limits):
        at = [i for i, name in enumerate(names) if name in group]
        together = pad_left(_to_smallest(values[:, at].T.ravel()))
        for k, i in enumerate(at):
            columns[names[i]] = together[k * len(frame) : (k + 1) * len(frame)]
    for i, name in enumerate(names):
        column = values[:, i]
        if tested and i == len(names) - 1:
            columns[name] = _where(~np.isnan(column), _p(column[~np.isnan(column)]))
        elif name not in columns:
            columns[name] = format_common(list(round_as_r(column, DIGITS - 1)), DIGITS)
    starred = tested and bool((values[:, -1] < STARS[3][0]).any())
    header, align = ["", *names], "l" + "r" * len(names)
    cells = [[str(label) for label in frame.index], *[columns[name] for name in names]]
    if starred:
        header, align = [*header, ""], align + "l"
        cells.append([_star(p) for p in values[:, -1]])
    return Table(header, list(zip(*cells, strict=True)), align), starred


def _to_smallest(values: Array) -> list[str]:
    """To as many decimals as give the smallest number `DIGITS` digits."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    smallest = 1 + int(np.floor(np.log10(sizes.min()))) if sizes.size else 1
    cells = format_common(list(round_as_r(values, max(1, DIGITS - smallest))), DIGITS)
    hidden = [i for i, value in enumerate(values) if value != 0 and float(cells[i]) == 0]
    own = format_common([float(values[i]) for i in hidden], DIGITS - 1)
    for i, cell in zip(hidden, own, strict=True):
        cells[i] = cell
    return cells


def _p(values: Array) -> list[str]:
    return format_p_values(list(values), DIGITS - 1)


def _where(known: NDArray[np.bool_], texts: list[str]) -> list[str]:
    waiting = iter(texts)
    return [next(waiting) if there else "NaN" for there in known]


def _star(p: float) -> str:
    return "" if np.isnan(p) else next(star for limit, star in STARS if p <= limit)
