"""The report to be signed and kept: PDF, the same bytes for the same content."""

from collections.abc import Iterator
from html import escape
from io import BytesIO
from typing import Any

from parity.validation.content import Block, Code, Document, Facts, Section, Text
from parity.validation.render.pdf_tables import TONES, Tables
from parity.validation.render.toolkit import BOLD, MONO, SANS, load_toolkit

_MARGIN, _FOOT = 16, 14  # mm


def pdf_bytes(document: Document) -> bytes:
    """Render the document.

    Raises
    ------
    ReportError
        ReportLab or the fonts are not installed.
    """
    return _Pages(load_toolkit(), document).build()


class _Pages:
    """Styles, page forms and the flow of a document."""

    def __init__(self, tools: Any, document: Document) -> None:
        self._t = tools
        self._document = document
        self._total = 0
        self._tables = Tables(tools)
        ink = tools.HexColor(TONES["plain"])
        base = {"fontName": SANS, "textColor": ink, "splitLongWords": 1}
        make = tools.ParagraphStyle
        self._body = make("body", **base, fontSize=8.6, leading=12, spaceAfter=4)
        self._code = make(
            "code", **{**base, "fontName": MONO}, fontSize=7.4, leading=10, spaceAfter=5,
            leftIndent=6, wordWrap="CJK", backColor=tools.HexColor("#f5f7fa"), borderPadding=2,
        )  # fmt: skip
        heading = {**base, "fontName": BOLD}
        self._title = make("title", **heading, fontSize=22, leading=27, spaceAfter=2)
        self._subtitle = make("subtitle", **base, fontSize=11.5, leading=15, spaceAfter=5)
        self._lead = make("lead", **heading, fontSize=9.6, leading=13, spaceAfter=8)
        self._heads = (
            make("h1", **heading, fontSize=13, leading=17, spaceBefore=10, spaceAfter=5),
            make("h2", **heading, fontSize=9.6, leading=13, spaceBefore=7, spaceAfter=3),
        )

    def build(self) -> bytes:
        """Lay the document out until contents and page numbers agree."""
        t = self._t
        out = BytesIO()
        doc = t.BaseDocTemplate(
            out, title=f"{self._document.title}: {self._document.subtitle}", author="pybootmlm",
            subject=self._document.running, creator="parity", invariant=1, lang="en",
        )  # fmt: skip
        doc.addPageTemplates([self._page("tall", t.A4), self._page("wide", t.landscape(t.A4))])
        doc.afterFlowable = lambda flowable: self._noted(doc, flowable)
        doc.multiBuild(list(self._story()), maxPasses=6)
        return out.getvalue()

    def _page(self, name: str, size: tuple[float, float]) -> Any:
        t, (width, height) = self._t, size
        margin, foot = _MARGIN * t.mm, _FOOT * t.mm
        frame = t.Frame(
            margin, foot + 4, width - 2 * margin, height - margin - foot - 4,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip

        def foot_of(canvas: Any, doc: Any) -> None:
            self._total = max(self._total, doc.page)
            canvas.saveState()
            canvas.setFont(SANS, 6.8)
            canvas.setFillColor(t.HexColor(TONES["soft"]))
            canvas.drawString(margin, foot - 8, self._document.running)
            canvas.drawRightString(width - margin, foot - 8, f"page {doc.page} of {self._total}")
            canvas.restoreState()

        return t.PageTemplate(name, [frame], onPage=foot_of, pagesize=size)

    def _noted(self, doc: Any, flowable: Any) -> None:
        """Tell the contents and the outline where a heading stands."""
        level = getattr(flowable, "level", None)
        if level is None:
            return
        doc.canv.bookmarkPage(flowable.key)
        doc.canv.addOutlineEntry(flowable.text, flowable.key, level, closed=True)
        if level > 0 and flowable.key.startswith("oq-"):
            return  # a part a requirement: the outline has them, the printed contents need not
        doc.notify("TOCEntry", (level, escape(flowable.text), doc.page, flowable.key))

    def _story(self) -> Iterator[Any]:
        t, document = self._t, self._document
        yield t.Paragraph(escape(document.title), self._title)
        yield t.Paragraph(escape(document.subtitle), self._subtitle)
        tone = "good" if document.passed else "bad"
        yield t.Paragraph(_toned(document.headline, tone), self._lead)
        wide, placed = False, False
        for number, section in enumerate(document.sections, 1):
            if number > 2 and not placed:  # after document control and approvals
                yield t.PageBreak()
                yield from self._contents()
                placed = True
            if section.wide != wide or (number > 2 and section.parts):
                yield t.NextPageTemplate("wide" if section.wide else "tall")
                yield t.PageBreak()
                wide = section.wide
            yield from self._section(section, str(number), wide)

    def _contents(self) -> Iterator[Any]:
        t = self._t
        styles = [
            t.ParagraphStyle("toc1", fontName=SANS, fontSize=8.4, leading=12.5),
            t.ParagraphStyle("toc2", fontName=SANS, fontSize=6.8, leading=8.6, leftIndent=14),
        ]
        yield t.Paragraph("Contents", self._heads[0])
        yield t.TableOfContents(levelStyles=styles, dotsMinLevel=0)

    def _section(self, section: Section, number: str, wide: bool) -> Iterator[Any]:
        yield self._heading(section, number, 0)
        for block in section.blocks:
            yield from self._block(block, wide)
        for i, part in enumerate(section.parts, 1):
            yield self._heading(part, f"{number}.{i}", 1)
            for block in part.blocks:
                yield from self._block(block, wide)

    def _heading(self, section: Section, number: str, level: int) -> Any:
        text = f"{number} {section.title}"
        paragraph = self._t.Paragraph(escape(text), self._heads[level])
        paragraph.level, paragraph.key, paragraph.text = level, section.key, text
        paragraph.keepWithNext = True
        return paragraph

    def _block(self, block: Block, wide: bool) -> Iterator[Any]:
        t = self._t
        size = t.landscape(t.A4) if wide else t.A4
        width = size[0] - 2 * _MARGIN * t.mm
        if isinstance(block, Text):
            yield t.Paragraph(_toned(block.text, block.tone), self._body)
        elif isinstance(block, Code):
            yield t.Paragraph(escape(block.text), self._code)
        elif isinstance(block, Facts):
            yield self._tables.facts(block, width)
            yield t.Spacer(1, 5)
        else:
            yield self._tables.table(block, width)
            yield t.Spacer(1, 7)


def _toned(text: str, tone: str) -> str:
    return f'<font color="{TONES[tone]}">{escape(text)}</font>'
