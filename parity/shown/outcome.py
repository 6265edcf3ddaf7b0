"""What an R, or pybootmlm, makes of an example: the difference, the right value, or a surprise."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from parity.deviations import Deviation
from parity.shown.example import Items, agrees
from parity.shown.said import Said, Shown


class Outcome(StrEnum):
    """What an example came to."""

    SHOWN = "shown"
    RIGHT = "right"
    STALE = "stale"


@dataclass(frozen=True)
class Judged:
    """An outcome, and why."""

    outcome: Outcome
    reason: str


def judge_r(entry: Deviation, shown: Shown, versions: Mapping[str, str]) -> Judged:
    """Ask whether R says what the entry says that it says under these versions.

    The code by which R finds the right value must find it under every version.
    """
    example = entry.example
    if shown.right is not None and not _says(example.right, shown.right, example.tolerance):
        told = shown.right.error or _listed(shown.right.value)
        reason = f"R's own way to the right value gives {told}, not {_listed(example.right)}"
        return Judged(Outcome.STALE, reason)
    wrong = _says(example.wrong, shown.r, example.tolerance)
    right = _says(example.right, shown.r, example.tolerance)
    told = shown.r.error or _listed(shown.r.value)
    if wrong and (entry.holds(versions) or example.varies):
        return Judged(Outcome.SHOWN, f"R gives {told}")
    if right and (not entry.holds(versions) or example.varies):
        return Judged(Outcome.RIGHT, f"R gives {told}, which is right")
    known = ", ".join(f"{name} {bounds}" for name, bounds in entry.packages.items())
    meant = example.wrong if entry.holds(versions) else example.right
    reason = f"the entry holds for {known} and expects {_listed(meant)} here, but R gives {told}"
    return Judged(Outcome.STALE, reason)


def judge_python(entry: Deviation, value: Items) -> Judged:
    """Ask whether pybootmlm gives the right value; where it follows R, R's."""
    example, followed = entry.example, entry.group == "followed"
    meant = example.wrong if followed else example.right
    if agrees(meant, value, example.tolerance):
        outcome = Outcome.SHOWN if followed else Outcome.RIGHT
        return Judged(outcome, f"pybootmlm gives {_listed(value)}")
    reason = f"pybootmlm gives {_listed(value)}, where {_listed(meant)} is expected"
    return Judged(Outcome.STALE, reason)


def _says(meant: Items, said: Said, tolerance: float) -> bool:
    return not said.error and agrees(meant, said.value, tolerance)


def _listed(items: Items) -> str:
    return ", ".join(item if isinstance(item, str) else f"{item:.7g}" for item in items)
