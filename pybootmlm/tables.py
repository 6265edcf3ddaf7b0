"""One table, many displays: text for a terminal, HTML for a notebook, a data frame for work."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Table:
    """Cells that are already text where their form matters.

    Attributes
    ----------
    header : sequence of str
        Column titles.
    rows : sequence of sequences
        Cells.
    align : str
        One letter a column, ``l`` or ``r``.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    align: str

    def to_text(self, width: int | None = None, labels: int = 0) -> str:
        """Aligned columns, without trailing blanks.

        Parameters
        ----------
        width : int, optional
            Columns that do not fit into so many characters follow below.
        labels : int
            Leading columns that are repeated there.
        """
        cells = [list(map(str, self.header)), *([str(c) for c in row] for row in self.rows)]
        columns = [
            _justified(column, side)
            for column, side in zip(zip(*cells, strict=True), self.align, strict=True)
        ]
        lead, rest = columns[:labels], columns[labels:]
        lines: list[str] = []
        while rest or not lines:
            fits = len(rest) if width is None else _how_many_fit(lead, rest, width)
            block, rest = [*lead, *rest[:fits]], rest[fits:]
            lines += (" ".join(row).rstrip() for row in zip(*block, strict=True))
        return "\n".join(lines)

    def to_html(self) -> str:
        """A plain HTML table."""

        def line(row: Sequence[object], tag: str) -> str:
            cells = (
                f'<{tag} style="text-align:{"left" if side == "l" else "right"}">'
                f"{html.escape(str(cell))}</{tag}>"
                for cell, side in zip(row, self.align, strict=True)
            )
            return f"<tr>{''.join(cells)}</tr>"

        body = "".join(line(row, "td") for row in self.rows)
        return f"<table><thead>{line(self.header, 'th')}</thead><tbody>{body}</tbody></table>"

    def to_latex(self) -> str:
        """A plain LaTeX ``tabular``."""

        def line(row: Sequence[object]) -> str:
            return " & ".join(_escaped(str(cell)) for cell in row) + r" \\"

        body = "\n".join(line(row) for row in self.rows)
        begin, end = rf"\begin{{tabular}}{{{self.align}}}", r"\end{tabular}"
        return "\n".join([begin, r"\hline", line(self.header), r"\hline", body, r"\hline", end])

    def to_frame(self) -> pd.DataFrame:
        """The cells as a data frame."""
        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.header))


# What LaTeX would not print as it stands.
_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX |= {character: f"\\{character}" for character in "&%$#_{}"}
_LATEX |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _justified(column: Sequence[str], side: str) -> list[str]:
    width = max(map(len, column))
    return [cell.ljust(width) if side == "l" else cell.rjust(width) for cell in column]


def _how_many_fit(lead: list[list[str]], rest: list[list[str]], width: int) -> int:
    """How many columns of `rest` stand beside `lead`; at least one, as R prints a matrix."""
    used = sum(len(column[0]) + 1 for column in lead) - bool(lead)
    for count, column in enumerate(rest):
        used += len(column[0]) + 1
        if count and used >= width:
            return count
    return len(rest)
