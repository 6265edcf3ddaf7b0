"""The report's files: all of one run, or none."""

from pathlib import Path

from parity.report.content import Report
from parity.report.html import html_text
from parity.report.json import json_text
from parity.report.junit import junit_text
from parity.writing import write_together


def write_report(report: Report, folder: Path) -> Path:
    """Write ``results.json``, ``junit.xml`` and ``index.html``; return the page's path.

    Raises
    ------
    WriteError
        If the disk is full or the folder cannot be written; an earlier report in it then
        stays as it was.
    """
    texts = {
        "results.json": json_text(report),
        "junit.xml": junit_text(report),
        "index.html": html_text(report),  # the last: where the page is, the others are
    }
    write_together(folder, texts)
    return folder / "index.html"
