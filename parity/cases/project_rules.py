"""What a project's case file may say beside its models: which quantities, and how near."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd

from parity.cases.case import Case
from parity.cases.load import check_keys
from parity.cases.own import OwnCases
from parity.derived import derived
from parity.errors import CaseError, ParityError
from parity.probes import PROBES
from parity.tolerances import Tolerance, load_tolerances

_KEYS = {"absolute", "relative", "scale", "criterion", "chain", "reason"}
# A model's `bootstraps` and `statistics` become cases of these, named after what was asked for.
_ASKED_BY_NAME = (
    "statistic", "boot_mer", "simulate", "bootstrap_mer", "responses", "bootstrap_case",
    "case_rows",
)  # fmt: skip


def own_tolerances(
    path: Path, tables: Mapping[str, Any], model: str | None = None
) -> dict[str, Tolerance]:
    """Read ``[tolerances.NAME]``, of the file or of a model: the named one, changed for a reason.

    Returns
    -------
    dict
        By the name of the tolerance that is replaced; those of a model have a name of their own.
    """
    known = load_tolerances()
    found: dict[str, Tolerance] = {}
    for name, table in tables.items():
        if name not in known:
            message = f"{path.name}: there is no tolerance '{name}'; they are {', '.join(known)}"
            raise CaseError(message)
        check_keys(path, {"id": name, **table}, {"id", *_KEYS}, {"reason"})
        changed = replace(known[name], **table)
        found[name] = changed if model is None else replace(changed, name=f"{name} for {model}")
    return found


def narrowed(path: Path, table: Mapping[str, Any], part: OwnCases) -> OwnCases:
    """Keep the cases of a model's ``quantities``; bootstraps and statistics asked for stay."""
    wanted: Sequence[str] = table.get("quantities", ())
    if not wanted:
        return part
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in PROBES):
            message = (
                f"{path.name}: model '{table['id']}' asks for the quantity '{pattern}', which does "
                f"not exist; they are {', '.join(sorted(PROBES))}"
            )
            raise CaseError(message)
    asked = {*table.get("bootstraps", ()), *table.get("statistics", ())}
    kept = tuple(
        case
        for case in part.cases
        if any(fnmatchcase(case.quantity, pattern) for pattern in wanted)
        or (case.quantity in _ASKED_BY_NAME and case.id.rpartition("/")[2] in asked)
    )
    reasons = {case.id: part.not_asked[case.id] for case in kept if case.id in part.not_asked}
    return OwnCases(kept, reasons)


def judged_by(cases: Sequence[Case], own: Mapping[str, Tolerance]) -> tuple[Case, ...]:
    """Return the cases with a model's own tolerances in place of those that they replace."""
    return tuple(
        replace(case, tolerance=own[case.tolerance].name) if case.tolerance in own else case
        for case in cases
    )


def with_columns(path: Path, frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Add derived columns, each by the arithmetic of formulas from those before it."""
    for name, expression in columns.items():
        try:
            frame[name] = derived(frame, name, expression)
        except ParityError as error:
            message = f"{path.name}: {error}"
            raise CaseError(message) from error
    return frame
