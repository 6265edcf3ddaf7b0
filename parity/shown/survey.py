"""All examples, in one R and in pybootmlm; the record speaks where R lacks a package."""

from collections.abc import Sequence
from dataclasses import dataclass

from parity.deviations import Deviation
from parity.shown.in_python import run_python
from parity.shown.in_r import RunInR, run_in_r
from parity.shown.outcome import Judged, Outcome, judge_python, judge_r
from parity.shown.record import RecordedRun, read_runs


@dataclass(frozen=True)
class Surveyed:
    """One deviation, on both sides.

    Attributes
    ----------
    origin
        Who answered for R: "live", or the versions of a recorded run.
    """

    entry: Deviation
    r: Judged
    python: Judged
    origin: str

    @property
    def holds_good(self) -> bool:
        """Whether R and pybootmlm say what the entry says that they say."""
        return Outcome.STALE not in (self.r.outcome, self.python.outcome)


def survey(
    entries: Sequence[Deviation], command: str = "Rscript"
) -> tuple[tuple[Surveyed, ...], RunInR]:
    """Run every example in R and in Python."""
    run = run_in_r({entry.id: entry.example for entry in entries}, command)
    recorded = read_runs() if run.lacks else ()
    return tuple(_one(entry, run, recorded) for entry in entries), run


def from_record(entry: Deviation, runs: Sequence[RecordedRun]) -> list[tuple[RecordedRun, Judged]]:
    """Judge what each recorded R said of an entry's code as it is now."""
    found = []
    for run in runs:
        shown = run.of(entry.id, entry.example)
        if shown is not None:
            found.append((run, judge_r(entry, shown, run.environment)))
    return found


def _one(entry: Deviation, run: RunInR, recorded: Sequence[RecordedRun]) -> Surveyed:
    python = judge_python(entry, run_python(entry.example.python))
    if entry.id in run.shown:
        r = judge_r(entry, run.shown[entry.id], run.environment)
        return Surveyed(entry, r, python, "live")
    found = from_record(entry, recorded)
    lacks = f"this R has no {run.lacks[entry.id]}"
    if not found:
        reason = f"{lacks}, and this code is not recorded"
        return Surveyed(entry, Judged(Outcome.STALE, reason), python, "nobody")
    stale = [one for one in found if one[1].outcome is Outcome.STALE]
    run_of, judged = (stale or found)[0]
    return Surveyed(entry, judged, python, f"recorded ({run_of.described}): {lacks}")
