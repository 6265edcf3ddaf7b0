"""The folder of a report: written whole beside its place, sealed, and only then moved there."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from parity.errors import ReportError
from parity.validation.conclusion import conclude
from parity.validation.evidence import Evidence
from parity.validation.files import evidence_files
from parity.validation.manifest import NAME, chained, manifest_text
from parity.validation.render.html import html_text
from parity.validation.render.json import json_text
from parity.validation.render.pdf import pdf_bytes
from parity.validation.run_log import RunLog
from parity.validation.seal import LOG, REPORT
from parity.validation.sections import document_of


def check_place(folder: Path) -> None:
    """Refuse a place where something is: a report is never written over another.

    Raises
    ------
    ReportError
        There is something at `folder`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = (
            f"`--out {folder}` must be a new folder: what is there is not written over; give "
            "another, and `--supersedes` for the report that it takes the place of"
        )
        raise ReportError(message)


def write_folder(evidence: Evidence, folder: Path, log: RunLog, *, pdf: bool = True) -> str:
    """Write evidence, report and manifest; return the digest of the whole.

    Raises
    ------
    ReportError
        There is something at `folder` already, or the PDF cannot be made.
    """
    check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        digest = _fill(evidence, work, log, pdf=pdf)
        work.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        work.replace(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return digest


def _fill(evidence: Evidence, work: Path, log: RunLog, *, pdf: bool) -> str:
    drawn = conclude(evidence)
    texts = evidence_files(evidence)
    log.add(f"evidence written: {len(texts)} files, results {evidence.results}")
    log.add(f"concluded: {drawn.headline}")
    texts[LOG] = log.text()
    _write(work, {name: text.encode() for name, text in texts.items()})
    entries = chained(work, texts)
    document = document_of(evidence, entries)
    digests = {"results": evidence.results, "evidence": entries[-1].chain}
    report = {
        "report/report.html": html_text(document).encode(),
        REPORT: json_text(document, digests).encode(),
    }
    if pdf:
        report["report/report.pdf"] = pdf_bytes(document)
    _write(work, report)
    entries += chained(work, report, entries[-1].chain)
    about = {"report": evidence.identity.report, "status": drawn.status, **digests}
    _write(work, {NAME: manifest_text(entries, about).encode()})
    return entries[-1].chain


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        path.chmod(0o444)  # a record: not to be changed by accident
