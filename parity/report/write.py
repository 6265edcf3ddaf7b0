"""The report's files, each written whole or not at all, the page last."""

from pathlib import Path

from parity.report.content import Report
from parity.report.html import html_text
from parity.report.json import json_text
from parity.report.junit import junit_text
from parity.writing import write_whole


def write_report(report: Report, folder: Path) -> Path:
    """Write ``results.json``, ``junit.xml`` and ``index.html``; return the page's path."""
    page = folder / "index.html"
    page.unlink(missing_ok=True)  # an old page beside new numbers would be a lie
    texts = {
        "results.json": json_text(report),
        "junit.xml": junit_text(report),
        "index.html": html_text(report),
    }
    for name, text in texts.items():
        write_whole(folder / name, text)
    return page
