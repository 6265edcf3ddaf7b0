"""The evidence index: every file with its size and hash, and how to check and repeat."""

from collections.abc import Sequence

from parity.validation.content import Code, Column, Section, Text, table
from parity.validation.evidence import Evidence
from parity.validation.manifest import Entry

ABOUT = {
    "results.json": "every case: question, both answers, comparison, verdict, evidence",
    "results.csv": "every number of every case: expected, observed, differences",
    "traceability.json": "requirement, risk, code, cases, tests, result",
    "installation.json": "every installed file with size and sha256; R's packages; the machine",
    "reproducibility.json": "what was computed again, and whether every bit was equal",
    "tests.xml": "the named tests, as pytest reports them",
    "changes.json": "what changed since the superseded report",
    "run-log.jsonl": "what was done when, each entry bound to the one before",
    "requirements.toml": "the requirements as they were used",
    "tolerances.toml": "the tolerances as they were used",
    "deviations.toml": "the registered deviations as they were used",
    "identity.json": "who, when, where, by which command",
}


def evidence_index(evidence: Evidence, entries: Sequence[Entry]) -> Section:
    """List the files that lie beside the report."""
    columns = (
        Column("File", 1.5, "code"), Column("Holds", 2), Column("Bytes", 0.6, "number"),
        Column("sha256", 2.4, "code"), Column("Chained digest", 2.4, "code"),
    )  # fmt: skip
    rows = [(e.path, _about(e.path), str(e.size), e.sha256, e.chain) for e in entries]
    return Section(
        "index",
        "Evidence index",
        (
            Text(
                "Each chained digest is the sha256 of the one before it and of the file's name, "
                "size and sha256; the first follows from a fixed text. MANIFEST.json continues "
                "this list with the files of the report itself. To find out whether anything was "
                "changed:"
            ),
            Code("parity verify DIR --digest DIGEST-NOTED-ELSEWHERE"),
            Text("To make the report again, with the same software, data and settings:"),
            Code(evidence.identity.command),
            table(columns, rows, dense=True),
            Text(
                "A digest shows that a folder is the one whose digest was noted. It is not a "
                "signature: it does not show who made the folder, and whoever can replace the "
                "folder can replace the digests inside it.",
                "soft",
            ),
        ),
        wide=True,
    )


def _about(path: str) -> str:
    name = path.rpartition("/")[2]
    if path.startswith("evidence/pq/"):
        return "the user's own: case file or results"
    return ABOUT.get(name, "")
