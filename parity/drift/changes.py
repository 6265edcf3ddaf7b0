"""Two runs side by side: every case whose verdict or numbers are others."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from parity.drift.movement import Movement, movement
from parity.drift.snapshot import Entry, Snapshot
from parity.verdict import Verdict


class Kind(StrEnum):
    """What a change means, the worst first."""

    REGRESSION = "regression"
    CHANGE = "change"
    IMPROVEMENT = "improvement"
    MOVED = "moved"


# A case passes, is not compared, differs, or has no answer.
_RANK = {
    Verdict.MATCH: 0,
    Verdict.EXPLAINED: 0,
    Verdict.NOT_RUN: 1,
    Verdict.MISMATCH: 2,
    Verdict.R_ERROR: 3,
    Verdict.PYTHON_ERROR: 3,
}
_ORDER = tuple(Kind)


@dataclass(frozen=True)
class Change:
    """One case that is not as it was.

    Attributes
    ----------
    before, after
        None where the run did not have the case.
    what
        The change in a few words.
    r, python
        How R's numbers and ours moved; None where they did not, or answer another question.
    """

    id: str
    kind: Kind
    what: str
    before: Entry | None
    after: Entry | None
    r: Movement | None = None
    python: Movement | None = None

    @property
    def size(self) -> float:
        """Largest movement as a multiple of the tolerance."""
        return max((side.use for side in (self.r, self.python) if side), default=0.0)

    @property
    def beyond(self) -> bool:
        """Whether it is more than movement within the tolerance."""
        return self.kind is not Kind.MOVED or self.size > 1.0


@dataclass(frozen=True)
class VersionChange:
    """A version that is another, on the side of Python, R or the run itself."""

    side: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Drift:
    """What changed from one run to another.

    Attributes
    ----------
    changes
        The worst first: regressions, other changes, improvements, then numbers alone;
        within each the largest movement first.
    unchanged
        Number of cases of which nothing moved.
    dead
        Registered deviations that concern no case since the first run.
    """

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]
    versions: tuple[VersionChange, ...]
    unchanged: int
    dead: tuple[str, ...]

    def of_kind(self, kind: Kind) -> list[Change]:
        """Return the changes of one kind, in order."""
        return [change for change in self.changes if change.kind is kind]

    @property
    def regressed(self) -> bool:
        """Whether anything is worse than before."""
        return bool(self.dead or self.of_kind(Kind.REGRESSION))


def changes_between(before: Snapshot, after: Snapshot) -> Drift:
    """Compare two runs, case by case."""
    if before.brief != after.brief:
        before, after = (run if run.brief else run.shortened() for run in (before, after))
    names = [*after.entries, *(name for name in before.entries if name not in after.entries)]
    found = [_change(name, before, after) for name in names]
    changes = [change for change in found if change is not None]
    if before.brief:  # a baseline is rounded: less than a tolerance is no movement there
        changes = [change for change in changes if change.beyond]
    changes.sort(key=_place)
    return Drift(
        before=before,
        after=after,
        changes=tuple(changes),
        versions=tuple(_versions(before, after)),
        unchanged=len(names) - len(changes),
        dead=tuple(sorted(set(after.dead) - set(before.dead))),
    )


def _place(change: Change) -> tuple[int, int, float, str]:
    rank = 0 if change.after is None else _RANK[change.after.verdict]
    return _ORDER.index(change.kind), -rank, -change.size, change.id


def _change(name: str, before: Snapshot, after: Snapshot) -> Change | None:
    one, other = before.entries.get(name), after.entries.get(name)
    if one is None or other is None:
        return _come_or_gone(name, one, other)
    if one.asked != other.asked:
        kind, _ = _verdicts(one, other)
        kind = Kind.CHANGE if kind is Kind.MOVED else kind
        return Change(name, kind, "another question", one, other)
    tolerance = after.tolerances[other.tolerance]
    r = movement(one.expected, other.expected, tolerance)
    # Of a match a baseline keeps R's numbers alone: ours are within the tolerance of them.
    kept = not (before.brief and Verdict.MATCH in (one.verdict, other.verdict))
    python = movement(one.observed, other.observed, tolerance) if kept else None
    kind, what = _verdicts(one, other)
    if kind is Kind.MOVED and r is None and python is None:
        return None
    return Change(name, kind, what, one, other, r, python)


def _come_or_gone(name: str, before: Entry | None, after: Entry | None) -> Change:
    if before is None and after is not None:
        kind = Kind.REGRESSION if after.verdict.fails else Kind.CHANGE
        return Change(name, kind, f"new: {after.verdict}", None, after)
    assert before is not None
    kind = Kind.CHANGE if _RANK[before.verdict] else Kind.REGRESSION
    return Change(name, kind, f"gone: was {before.verdict}", before, None)


def _verdicts(before: Entry, after: Entry) -> tuple[Kind, str]:
    """Say what two verdicts on one case mean; `MOVED` if they are the same."""
    old, new = _RANK[before.verdict], _RANK[after.verdict]
    if before.verdict is after.verdict:
        if after.verdict is Verdict.MISMATCH and _digits(after) <= _digits(before) - 1:
            return Kind.REGRESSION, "mismatch, further apart"
        if before.deviation != after.deviation:
            return Kind.CHANGE, "explained otherwise"
        return Kind.MOVED, ""
    what = f"{before.verdict} to {after.verdict}"
    if new > old:
        return Kind.REGRESSION, what
    agrees_again = after.verdict is Verdict.MATCH or before.verdict is not Verdict.MATCH
    better = new < old and after.verdict is not Verdict.NOT_RUN
    if better or (new == old == 0 and agrees_again):
        return Kind.IMPROVEMENT, what
    return Kind.CHANGE, what


def _digits(entry: Entry) -> float:
    return 0.0 if entry.digits is None or math.isnan(entry.digits) else entry.digits


def _versions(before: Snapshot, after: Snapshot) -> list[VersionChange]:
    found = []
    sides: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = [
        ("run", _run(before), _run(after)),
        ("Python", before.python, after.python),
        ("R", before.r, after.r),
    ]
    for side, old, new in sides:
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                found.append(VersionChange(side, name, old.get(name), new.get(name)))
    return found


def _run(run: Snapshot) -> dict[str, str]:
    return {"oracle": run.oracle, "implementation": run.implementation}
