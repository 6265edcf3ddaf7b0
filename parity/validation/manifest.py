"""The list of all files of a report, hash-chained: one digest stands for the whole folder."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
NAME = "MANIFEST.json"
_START = hashlib.sha256(b"parity evidence, format 1").hexdigest()


@dataclass(frozen=True)
class Entry:
    """One file.

    Attributes
    ----------
    chain
        Digest of this entry and of all before it.
    """

    path: str
    size: int
    sha256: str
    chain: str


def chained(folder: Path, names: Iterable[str], after: str = _START) -> tuple[Entry, ...]:
    """Hash files in this order, each entry bound to all before it."""
    entries = []
    for name in names:
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        after = link(after, name, len(content), digest)
        entries.append(Entry(name, len(content), digest, after))
    return tuple(entries)


def link(after: str, path: str, size: int, digest: str) -> str:
    """Return the chain's next digest."""
    return hashlib.sha256(f"{after}\0{path}\0{size}\0{digest}".encode()).hexdigest()


def first_unchained(entries: Iterable[Entry]) -> Entry | None:
    """Return the first entry that does not follow from those before it."""
    after = _START
    for entry in entries:
        after = link(after, entry.path, entry.size, entry.sha256)
        if entry.chain != after:
            return entry
    return None


def manifest_text(entries: Iterable[Entry], about: Mapping[str, Any]) -> str:
    """Write the manifest: what the report is, its files, and the digest of the last link."""
    listed = [asdict(entry) for entry in entries]
    document = {
        "format": FORMAT,
        **about,
        "files": listed,
        "digest": listed[-1]["chain"] if listed else _START,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
