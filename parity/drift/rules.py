"""When a run that is held to a baseline fails."""

from parity.drift.changes import Drift, Kind

RULES = ("mismatch", "regression", "difference")


def broken(drift: Drift, rule: str) -> list[str]:
    """Name what a run fails for by a rule other than "mismatch", the worst first.

    Under "regression" that is what is worse than before; under "difference" also every
    other verdict, case or question, and numbers that moved by more than their tolerance.
    """
    if rule == "difference":
        changes = [change.id for change in drift.changes if change.beyond]
    else:
        changes = [change.id for change in drift.of_kind(Kind.REGRESSION)]
    return [*changes, *drift.dead]
