"""An append-only log: each entry holds the digest of the one before it.

A report that supersedes another begins with that report's log, so that the last report of a
series holds the history of all.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from parity.errors import ReportError

_START = "0" * 64


def utc_now() -> str:
    """Return the time as reports write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class RunLog:
    """Entries, oldest first.

    Attributes
    ----------
    entries
        Mappings with ``time``, ``event`` and ``chain``.
    clock
        What tells the time.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)
    clock: Callable[[], str] = utc_now

    def add(self, event: str) -> None:
        """Append an event, at the present time."""
        last = self.entries[-1]["chain"] if self.entries else _START
        time = self.clock()
        self.entries.append({"time": time, "event": event, "chain": _link(last, time, event)})

    def text(self) -> str:
        """Write one JSON line an entry."""
        return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.entries)


def read_log(text: str) -> list[dict[str, Any]]:
    """Read a log; an entry that does not follow from the one before is an error."""
    entries: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line]
    broken = first_broken(entries)
    if broken is not None:
        message = f"the run log was edited: entry {broken + 1} does not follow from those before it"
        raise ReportError(message)
    return entries


def first_broken(entries: Sequence[dict[str, Any]]) -> int | None:
    """Return the place of the first entry that does not follow from the one before, from 0."""
    last = _START
    for place, entry in enumerate(entries):
        if entry["chain"] != _link(last, entry["time"], entry["event"]):
            return place
        last = entry["chain"]
    return None


def _link(last: str, time: str, event: str) -> str:
    return hashlib.sha256(f"{last}\0{time}\0{event}".encode()).hexdigest()
