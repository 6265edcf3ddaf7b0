"""Whether a report's folder is as it was written: every file, the manifest, the log."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.errors import ReportError
from parity.validation.manifest import NAME, Entry, first_unchained
from parity.validation.run_log import first_broken

LOG = "evidence/run-log.jsonl"
REPORT = "report/report.json"


@dataclass(frozen=True)
class Seal:
    """What a look at every file found.

    Attributes
    ----------
    digest
        The manifest's digest, to be compared with one that was noted elsewhere.
    problems
        Sentences; none if nothing was changed.
    """

    digest: str
    files: int
    about: dict[str, Any]
    problems: tuple[str, ...]


def check_seal(folder: Path, noted: str | None = None) -> Seal:
    """Hash every file again and compare with the manifest, and that with a noted digest.

    Raises
    ------
    ReportError
        The folder is not that of a report, or its manifest cannot be read.
    """
    manifest = _read_manifest(folder)
    try:
        entries = [Entry(**entry) for entry in manifest["files"]]
        digest = str(manifest["digest"])
        about = {k: manifest[k] for k in ("report", "status", "results", "evidence")}
    except (KeyError, TypeError) as error:
        message = f"{NAME} in {folder.name} is not a manifest of this format: {error}"
        raise ReportError(message) from error
    problems = [*_manifest_problems(entries, digest, noted), *_file_problems(folder, entries)]
    problems += _report_problems(folder, entries, about)
    return Seal(digest, len(entries), about, tuple(problems))


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / NAME
    if not path.is_file():
        message = (
            f"{folder} has no {NAME}: it is not the folder of a report, or its manifest was "
            "removed; give the folder that `parity validate --out` wrote"
        )
        raise ReportError(message)
    try:
        document = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"{NAME} in {folder.name} cannot be read, so nothing can be checked: {error}"
        raise ReportError(message) from error
    if not isinstance(document, dict):
        message = f"{NAME} in {folder.name} is not a manifest of this format"
        raise ReportError(message)
    return document


def _manifest_problems(entries: list[Entry], digest: str, noted: str | None) -> list[str]:
    problems = []
    broken = first_unchained(entries)
    if broken is not None:
        problems.append(f"the manifest was edited: its chain breaks at {broken.path}")
    last = entries[-1].chain if entries else ""
    if digest != last:
        problems.append("the manifest was edited: its digest is not that of its last entry")
    if noted is not None and noted.strip().lower() != digest:
        problems.append(f"the digest is {digest}, not the one that was noted ({noted.strip()})")
    return problems


def _file_problems(folder: Path, entries: list[Entry]) -> list[str]:
    problems = []
    for entry in entries:
        path = folder / entry.path
        if not path.is_file():
            problems.append(f"removed: {entry.path}")
            continue
        content = path.read_bytes()
        if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
            problems.append(f"changed: {entry.path}")
    known = {entry.path for entry in entries} | {NAME}
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    return problems + [f"added: {name}" for name in sorted(present - known)]


def _report_problems(folder: Path, entries: list[Entry], about: dict[str, Any]) -> list[str]:
    """Compare what the report prints with what lies beside it."""
    problems = []
    report, log = folder / REPORT, folder / LOG
    before = [entry.chain for entry in entries if not entry.path.startswith("report/")]
    try:
        printed = json.loads(report.read_text("utf-8"))["digests"]
        for name in ("results", "evidence"):
            if printed[name] != about[name]:
                problems.append(f"the report prints another digest of the {name} than the manifest")
        if before and printed["evidence"] != before[-1]:
            problems.append("the evidence is not that whose digest the report prints")
    except (OSError, ValueError, KeyError, TypeError):
        problems.append(f"{REPORT} cannot be read")
    try:
        broken = first_broken([json.loads(line) for line in log.read_text("utf-8").splitlines()])
        if broken is not None:
            problems.append(f"the run log was edited at entry {broken + 1}")
    except (OSError, ValueError, KeyError, TypeError):
        problems.append(f"{LOG} cannot be read")
    return problems
