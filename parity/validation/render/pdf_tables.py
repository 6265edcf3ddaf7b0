"""Tables of the PDF, of thousands of rows: cells are plain lines, broken here and drawn as is."""

from functools import lru_cache
from typing import Any

from parity.validation.content import Facts, Form, Table, tone_of
from parity.validation.render.toolkit import BOLD, MONO, SANS

TONES = {
    "plain": "#1c2330",
    "soft": "#5b6575",
    "good": "#1d7a46",
    "info": "#14679e",
    "bad": "#b3261e",
}
_LINE, _TINT = "#cfd6e0", "#eef1f5"
_PAD = 2.4  # points left and right of a cell's text
_FORM_ROW = 30  # least height of a row to write in
_TALLEST = 45  # lines; a row of more may not fit on a page, and is split


class Tables:
    """Makes tables of a given width."""

    def __init__(self, tools: Any) -> None:
        self._t = tools
        self._width_of = lru_cache(maxsize=200_000)(tools.stringWidth)

    def facts(self, block: Facts, width: float) -> Any:
        """Names and what belongs to them, without lines."""
        size, left = 7.8, 0.24 * width
        rows = [
            [self._broken(name, SANS, size, left), self._broken(text, SANS, size, width - left)]
            for name, text in block.pairs
        ]
        made = self._t.LongTable(rows, colWidths=[left, width - left])
        soft = self._t.HexColor(TONES["soft"])
        made.setStyle(
            [
                *self._common(size),
                ("TEXTCOLOR", (0, 0), (0, -1), soft),
                ("TOPPADDING", (0, 0), (-1, -1), 0.6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4),
            ]
        )
        return made

    def table(self, block: Table | Form, width: float) -> Any:
        """Rows under columns, the head repeated on every page."""
        form = isinstance(block, Form)
        dense = isinstance(block, Table) and block.dense
        size = 5.9 if dense and len(block.columns) > 9 else 6.6 if dense else 7.4
        shares = sum(column.share for column in block.columns)
        widths = [width * column.share / shares for column in block.columns]
        rooms = [
            w - 2 * _PAD if column.kind == "number" else w
            for column, w in zip(block.columns, widths, strict=True)
        ]
        fonts = [MONO if column.kind == "code" else SANS for column in block.columns]
        head = [
            self._broken(column.title, BOLD, size, w)
            for column, w in zip(block.columns, rooms, strict=True)
        ]
        body = [
            [
                self._broken(cell, BOLD if _is_bad(block, i, cell) else font, size, w)
                for i, (cell, font, w) in enumerate(zip(row, fonts, rooms, strict=True))
            ]
            for row in block.rows
        ]
        tallest = max((cell.count("\n") for row in body for cell in row), default=0)
        heights = None
        if form:
            lines = [max(cell.count("\n") + 1 for cell in row) for row in body]
            least = _FORM_ROW if len(block.columns) < 7 else 0
            heights = [None, *(max(least, n * 1.25 * size + 8) for n in lines)]
        made = self._t.LongTable(
            [head, *body],
            colWidths=widths,
            rowHeights=heights,
            repeatRows=1,
            hAlign="LEFT",
            splitInRow=tallest > _TALLEST,
        )
        made.setStyle([*self._common(size), *self._style(block, fonts)])
        return made

    def _style(self, block: Table | Form, fonts: list[str]) -> list[Any]:
        color = self._t.HexColor
        style: list[Any] = [
            ("FONTNAME", (0, 0), (-1, 0), BOLD),
            ("TEXTCOLOR", (0, 0), (-1, 0), color(TONES["soft"])),
            ("LINEBELOW", (0, 0), (-1, -1), 0.35, color(_LINE)),
            ("BACKGROUND", (0, 0), (-1, 0), color(_TINT)),
            ("TOPPADDING", (0, 0), (-1, -1), 1.4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
        ]
        for i, column in enumerate(block.columns):
            if fonts[i] != SANS:
                style.append(("FONTNAME", (i, 1), (i, -1), fonts[i]))
            if column.kind == "number":
                style += [
                    ("ALIGN", (i, 0), (i, -1), "RIGHT"),
                    ("RIGHTPADDING", (i, 0), (i, -1), 3 * _PAD),
                ]
        if isinstance(block, Form):
            style += [
                ("GRID", (0, 0), (-1, -1), 0.5, color(TONES["soft"])),
                ("TOPPADDING", (0, 1), (-1, -1), 3),
            ]
        elif block.verdict is not None:
            style += self._verdicts(block, block.verdict)
        return style

    def _verdicts(self, block: Table, i: int) -> list[Any]:
        """Set verdicts off; most are good, so only the others are named one by one."""
        color = self._t.HexColor
        style: list[Any] = [("TEXTCOLOR", (i, 1), (i, -1), color(TONES["good"]))]
        for number, row in enumerate(block.rows, 1):
            tone = tone_of(row[i])
            if tone != "good":
                style.append(("TEXTCOLOR", (i, number), (i, number), color(TONES[tone])))
            if tone == "bad":
                style.append(("FONTNAME", (i, number), (i, number), BOLD))
        return style

    def _common(self, size: float) -> list[Any]:
        return [
            ("FONTNAME", (0, 0), (-1, -1), SANS),
            ("FONTSIZE", (0, 0), (-1, -1), size),
            ("LEADING", (0, 0), (-1, -1), 1.25 * size),
            ("TEXTCOLOR", (0, 0), (-1, -1), self._t.HexColor(TONES["plain"])),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
        ]

    def _broken(self, text: str, font: str, size: float, width: float) -> str:
        """Break a text into lines that fit, between words where that is possible."""
        room = width - 2 * _PAD - 0.5
        if self._width_of(text, font, size) <= room:
            return text
        lines = [""]
        for word in text.split(" "):
            joined = f"{lines[-1]} {word}" if lines[-1] else word
            if self._width_of(joined, font, size) <= room:
                lines[-1] = joined
                continue
            pieces = self._pieces(word, font, size, room)
            if lines[-1]:
                lines += pieces
            else:
                lines[-1:] = pieces
        return "\n".join(lines)

    def _pieces(self, word: str, font: str, size: float, room: float) -> list[str]:
        """Cut a word that is wider than a line, after a separator where there is one."""
        pieces = []
        while self._width_of(word, font, size) > room and len(word) > 1:
            end = max(1, int(len(word) * room / self._width_of(word, font, size)) + 1)
            while end > 1 and self._width_of(word[:end], font, size) > room:
                end -= 1
            marks = [word.rfind(mark, 0, end) + 1 for mark in "/._-,"]
            end = max((m for m in marks if m > end // 2), default=end)
            pieces.append(word[:end])
            word = word[end:]
        return [*pieces, word]


def _is_bad(block: Table | Form, i: int, cell: str) -> bool:
    return isinstance(block, Table) and i == block.verdict and tone_of(cell) == "bad"
