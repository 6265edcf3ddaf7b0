"""What changed since the report that this one supersedes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.drift import Drift, changes_between, read_run, run_of
from parity.errors import ReportError
from parity.report import Report
from parity.validation.iq import Installation
from parity.validation.run_log import read_log
from parity.validation.seal import LOG, check_seal

RESULTS = "evidence/results.json"
INSTALLATION = "evidence/installation.json"


@dataclass(frozen=True)
class Superseded:
    """An earlier report.

    Attributes
    ----------
    report, results, digest
        Its id, its digest of results and the digest of its manifest.
    problems
        What was changed in its folder since it was written.
    log
        Entries of its run log.
    """

    folder: Path
    report: str
    results: str
    digest: str
    problems: tuple[str, ...]
    log: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Changes:
    """An earlier report against this one.

    Attributes
    ----------
    drift
        Verdicts and numbers that are not as they were.
    installed
        Name, before, after of whatever is installed otherwise than it was.
    """

    superseded: Superseded
    drift: Drift
    installed: tuple[tuple[str, str, str], ...]


def open_superseded(folder: Path) -> Superseded:
    """Read the report that is superseded, whether or not it was changed since."""
    seal = check_seal(folder)
    try:
        log = read_log((folder / LOG).read_text("utf-8"))
    except (OSError, ValueError, KeyError) as error:
        message = f"`--supersedes {folder}`: its run log cannot be continued: {error}"
        raise ReportError(message) from error
    return Superseded(
        folder=folder,
        report=str(seal.about["report"]),
        results=str(seal.about["results"]),
        digest=seal.digest,
        problems=seal.problems,
        log=tuple(log),
    )


def changes_since(superseded: Superseded, oq: Report, installation: Installation) -> Changes:
    """Compare results and installation with those of an earlier report."""
    before = read_run(superseded.folder / RESULTS)
    try:
        document = json.loads((superseded.folder / INSTALLATION).read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"`--supersedes {superseded.folder}`: {INSTALLATION} cannot be read: {error}"
        raise ReportError(message) from error
    return Changes(
        superseded,
        changes_between(before, run_of(oq)),
        tuple(_installed(identities(document), identities(installation_document(installation)))),
    )


def installation_document(installation: Installation) -> dict[str, Any]:
    """Write an installation for machines, file by file."""
    return {
        "under_test": _distribution(installation.under_test),
        "checkout": None
        if installation.checkout is None
        else {
            "commit": installation.checkout.commit,
            "state": installation.checkout.state,
            "changes": list(installation.checkout.changes),
            "files": [vars(file) for file in installation.checkout.files],
        },
        "dependencies": [_distribution(state) for state in installation.dependencies],
        "everything": [list(entry) for entry in installation.everything],
        "references": {
            "recorded": installation.references.recorded,
            "manifest": installation.references.manifest,
            "files": [vars(file) for file in installation.references.files],
        },
        "r_packages": {
            package.name: {
                "version": package.version,
                "built": package.built,
                "digest": package.digest,
                "files": dict(package.files),
            }
            for package in installation.r_packages
        },
        "machine": dict(installation.machine),
        "versions": dict(installation.versions),
    }


def identities(document: Mapping[str, Any]) -> dict[str, str]:
    """Return version and digest of everything installed, by name."""
    found = {
        f"Python: {name}": f"{version}, {digest[:12]}"
        for name, version, digest in document["everything"]
    }
    for name, package in document["r_packages"].items():
        found[f"R: {name}"] = f"{package['version']}, {package['digest'][:12]}"
    if document["checkout"] is not None:
        found["checkout"] = (
            f"{document['checkout']['commit'][:12]}, {document['checkout']['state']}"
        )
    found["recorded references"] = str(document["references"]["manifest"])[:12]
    for name, text in document["machine"].items():
        found[f"machine: {name}"] = str(text)
    return found


def _installed(
    before: Mapping[str, str], after: Mapping[str, str]
) -> Iterable[tuple[str, str, str]]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield name, before.get(name, "none"), after.get(name, "none")


def _distribution(state: Any) -> dict[str, Any]:
    return {
        "name": state.name,
        "version": state.version,
        "record": state.record,
        "editable": state.editable,
        "state": state.state,
        "files": [vars(file) for file in state.files],
    }
