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

    def to_text(self, gap: str = " ") -> str:
        """Aligned columns, without trailing blanks."""
        cells = [list(map(str, self.header)), *([str(c) for c in row] for row in self.rows)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(self.header))]
        lines = []
        for row in cells:
            parts = [
                cell.ljust(w) if side == "l" else cell.rjust(w)
                for cell, w, side in zip(row, widths, self.align, strict=True)
            ]
            lines.append(gap.join(parts).rstrip())
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

    def to_frame(self) -> pd.DataFrame:
        """The cells as a data frame."""
        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.header))
