"""What changed between two runs: verdicts, numbers, versions; and baselines to hold a run to."""

from parity.drift.baseline import baseline_text
from parity.drift.changes import Change, Drift, Kind, changes_between
from parity.drift.read import read_run, run_of
from parity.drift.rules import RULES, broken
from parity.drift.snapshot import Entry, Snapshot

__all__ = [
    "RULES",
    "Change",
    "Drift",
    "Entry",
    "Kind",
    "Snapshot",
    "baseline_text",
    "broken",
    "changes_between",
    "read_run",
    "run_of",
]
