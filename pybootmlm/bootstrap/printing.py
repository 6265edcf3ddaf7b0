"""The summary of a bootstrap; the table is laid out as R's package boot prints it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import counted
from pybootmlm.formats import format_common
from pybootmlm.tables import Table

Array = NDArray[np.float64]
# Different warnings that are shown.
MOST_WARNINGS = 5


@dataclass(frozen=True, repr=False)
class BootSummary:
    """What is said of a bootstrap; ``print`` it, or let a notebook show it.

    Attributes
    ----------
    type, formula, seed : str
    reml : bool
    nsim : int
    complete : bool
    names : tuple of str
    original, bias, std_error : (k,) arrays
    failures : mapping of int to str
    singular, not_converged : int
    warnings : mapping of str to int
    """

    type: str
    formula: str
    seed: str
    reml: bool
    nsim: int
    complete: bool
    names: tuple[str, ...]
    original: Array
    bias: Array
    std_error: Array
    failures: Mapping[int, str]
    singular: int
    not_converged: int
    warnings: Mapping[str, int]

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.type} bootstrap".strip().upper(),
                "",
                *self._origin(),
                "",
                "Bootstrap Statistics :",
                self.table().to_text(),
                *self._missing(),
                "",
                *self._remarks(),
            ]
        ).rstrip()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        title = html.escape(f"{self.type} bootstrap".strip().capitalize())
        origin = "<br>".join(html.escape(line) for line in self._origin())
        notes = [html.escape(line) for line in (*self._missing(), *self._remarks())]
        return (
            f"<div><p><b>{title}</b><br>{origin}</p>{self.table().to_html()}"
            f"<p>{'<br>'.join(notes)}</p></div>"
        )

    def table(self) -> Table:
        """original, bias and std. error of the statistics that have values, seven digits each."""
        shown = np.flatnonzero(~np.isnan(self.bias))
        columns = [
            format_common(values[shown].tolist(), 7)
            for values in (self.original, self.bias, self.std_error)
        ]
        rows = [
            [self.names[i], *cells]
            for i, cells in zip(shown, zip(*columns, strict=True), strict=True)
        ]
        return Table(["", "original", " bias  ", " std. error"], rows, "lrrr")

    def _origin(self) -> list[str]:
        lines = []
        if self.formula:
            method = "REML" if self.reml else "maximum likelihood"
            lines.append(f"Model: {self.formula}, by {method}")
        seed = f" from {self.seed}" if self.seed else ""
        lines.append(f"{counted(self.nsim, 'replicate')}{seed}")
        if not self.complete:
            lines.append("INTERRUPTED: these are the replicates that were finished")
        return lines

    def _missing(self) -> list[str]:
        gone = np.flatnonzero(np.isnan(self.bias))
        return [f"WARNING: All values of {self.names[i]} are NaN" for i in gone]

    def _remarks(self) -> list[str]:
        lines = []
        if self.failures:
            percent = 100 * len(self.failures) / self.nsim
            first = min(self.failures)
            lines.append(
                f"Failed: {len(self.failures)} ({percent:.3g}%), rows of NaN; the first is "
                f"replicate {first}: {self.failures[first]}"
            )
        if self.singular:
            lines.append(f"Singular fits: {self.singular}")
        if self.not_converged:
            lines.append(f"Not converged: {self.not_converged}")
        often = sorted(self.warnings.items(), key=lambda item: -item[1])
        lines += [f"Warning in {times}: {message}" for message, times in often[:MOST_WARNINGS]]
        if len(often) > MOST_WARNINGS:
            lines.append(f"... and {counted(len(often) - MOST_WARNINGS, 'other warning')}")
        return lines
