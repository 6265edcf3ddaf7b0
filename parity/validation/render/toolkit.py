"""ReportLab and a typeface with every Greek letter, loaded only where a PDF is asked for."""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from parity.errors import ReportError

SANS, BOLD, MONO = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
_NAMES = {
    "reportlab.platypus": (
        "BaseDocTemplate", "Frame", "LongTable", "NextPageTemplate", "PageBreak",
        "PageTemplate", "Paragraph", "Spacer",
    ),
    "reportlab.platypus.tableofcontents": ("TableOfContents",),
    "reportlab.lib.colors": ("HexColor",),
    "reportlab.lib.pagesizes": ("A4", "landscape"),
    "reportlab.lib.styles": ("ParagraphStyle",),
    "reportlab.lib.units": ("mm",),
    "reportlab.pdfbase.pdfmetrics": ("registerFont", "stringWidth"),
    "reportlab.pdfbase.ttfonts": ("TTFont",),
}  # fmt: skip


def load_toolkit() -> Any:
    """Return what is used of ReportLab by its names, the fonts registered.

    DejaVu is free and ships with Matplotlib; ReportLab's own fonts have no Greek.

    Raises
    ------
    ReportError
        ReportLab or Matplotlib is not installed.
    """
    try:
        tools = {
            name: getattr(import_module(module), name)
            for module, names in _NAMES.items()
            for name in names
        }
        data: Any = import_module("matplotlib")
    except ImportError as error:
        message = (
            "the PDF needs reportlab, and the fonts that ship with Matplotlib: install "
            f"`pybootmlm[pdf]`, or give `--no-pdf` ({error})"
        )
        raise ReportError(message) from error
    folder = Path(data.get_data_path()) / "fonts" / "ttf"
    for name in (SANS, BOLD, MONO):
        tools["registerFont"](tools["TTFont"](name, str(folder / f"{name}.ttf")))
    return SimpleNamespace(**tools)
