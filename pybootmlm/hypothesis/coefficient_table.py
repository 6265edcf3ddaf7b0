"""Estimates with tests, as numbers and as R's ``printCoefmat`` lays them out."""

from dataclasses import dataclass
from html import escape

import pandas as pd

from pybootmlm.methods.anova_table import LEGEND, WIDTH
from pybootmlm.methods.coefficient_cells import coefficient_cells


@dataclass(frozen=True, eq=False, repr=False)
class CoefficientTable:
    """A table of estimates and tests; ``print`` it, or let a notebook show it.

    Attributes
    ----------
    frame : DataFrame
        The numbers: Estimate and Std. Error first, a p-value last.
    heading : tuple of str
        Lines above the table.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> bm.fixed_tests(fit).frame["df"].round(3).tolist()
    [17.0, 17.0]
    """

    frame: pd.DataFrame
    heading: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """The numbers."""
        return self.frame.copy()

    def __str__(self) -> str:
        if self.frame.empty:
            return "\n".join(self.heading)
        table, starred = coefficient_cells(self.frame)
        lines = [*self.heading, table.to_text(WIDTH, 1)]
        return "\n".join([*lines, LEGEND] if starred else lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(line)}</p>" for line in self.heading if line]
        if not self.frame.empty:
            parts.append(coefficient_cells(self.frame)[0].to_html())
        return "<div>" + "".join(parts) + "</div>"
