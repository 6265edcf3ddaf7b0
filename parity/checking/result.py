"""What a check found: a frozen value that prints as the verdict table."""

import html
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from parity.checking.table import Explanation, Line, explanations, lines_of
from parity.report import Report
from parity.report.write import write_report
from parity.verdict import Verdict
from pybootmlm.tables import Table

_HEADER = ("quantity", "verdict", "digits")
_COLORS = {
    Verdict.MATCH: "#1d7a46",
    Verdict.EXPLAINED: "#14679e",
    Verdict.NOT_RUN: "#8a6100",
}
_FAILED = "#b3261e"
_BREAK = "\n    "


@dataclass(frozen=True, repr=False)
class CheckResult:
    """A model of the user's, compared with R.

    Attributes
    ----------
    model
        Formula and method.
    rows
        Rows that the model uses.
    report
        Everything: each case with both answers, evidence and versions.
    """

    model: str
    rows: int
    report: Report

    @property
    def passed(self) -> bool:
        """Whether nothing is a mismatch or an error."""
        return self.report.passed

    def to_frame(self) -> pd.DataFrame:
        """Return a row a case: quantity, verdict, digits, largest difference, reason.

        Digits and differences are NaN where nothing was compared number by number.
        """
        return pd.DataFrame([line.fields() for line in lines_of(self.report)])

    def write(self, folder: Path | str) -> Path:
        """Write the report (HTML, JSON, JUnit XML) into a folder; return the page's path."""
        return write_report(self.report, Path(folder))

    def __str__(self) -> str:
        lines = lines_of(self.report)
        table = Table(_HEADER, [(x.quantity, str(x.verdict), x.digits_text) for x in lines], "llr")
        notes = [_note(explanation) for explanation in explanations(self.report)]
        return "\n\n".join([self.title, table.to_text(), *notes, self._said()])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(map(_row, lines_of(self.report)))
        notes = "".join(
            f"<p>{html.escape(_note(one)).replace(_BREAK, '<br>')}</p>"
            for one in explanations(self.report)
        )
        head = "".join(f'<th style="text-align:left">{name}</th>' for name in _HEADER)
        return (
            f"<div><p><b>{html.escape(self.title)}</b></p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"{notes}<p><b>{html.escape(self._said())}</b></p></div>"
        )

    @property
    def title(self) -> str:
        """One line: what was compared, and who compared it."""
        report = self.report
        names = [f"{name} {report.r[name]}" for name in ("R", "lme4") if name in report.r]
        python = f"{report.implementation} {report.python.get(report.implementation, '')}".strip()
        sides = f"{python} and {', '.join(names)} ({report.oracle})"
        return f"{self.model}, {self.rows} rows: {sides}"

    def _said(self) -> str:
        return f"{self.report.headline} in {self.report.seconds:.1f} s"


def _note(explanation: Explanation) -> str:
    lines = [explanation.title, ", ".join(explanation.quantities)]
    if explanation.ruling:
        lines.append(f"who is right: {explanation.ruling}")
    return _BREAK.join(lines)


def _row(line: Line) -> str:
    color = _COLORS.get(line.verdict, _FAILED)
    left = 'style="text-align:left'
    return (
        f'<tr><td {left}"><code>{html.escape(line.quantity)}</code></td>'
        f'<td {left};color:{color}"><b>{line.verdict}</b></td><td>{line.digits_text}</td></tr>'
    )
