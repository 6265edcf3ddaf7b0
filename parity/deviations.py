"""Known differences between R and us, under which versions, and how each is proved."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.errors import CaseError
from parity.paths import parity_folder
from parity.versions import in_range


@dataclass(frozen=True)
class Deviation:
    """A difference that must occur in the cases it claims, under the versions it claims.

    Attributes
    ----------
    packages
        For each R package the range of versions that show the difference.
    proof
        Name of the function in `parity.proofs` that proves it when a case runs.
    refusal
        The error that the Python side rightly raises where R answers; empty if it
        answers too.
    error
        What R's error says where R has one and the Python side answers.
    inputs
        For some inputs of a case, the values that show the difference.
    may_agree
        Whether it depends on the data if the difference shows: then agreement is a match.
        Elsewhere an entry that claims a case which agrees is out of date, and fails.
    """

    id: str
    title: str
    packages: Mapping[str, str]
    quantity: str
    proof: str
    cause: str
    instead: str
    refusal: str = ""
    error: str = ""
    tags: frozenset[str] = field(default_factory=frozenset)
    methods: frozenset[str] = frozenset({"REML", "ML"})
    inputs: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    may_agree: bool = False

    def claims(self, case: Case, versions: Mapping[str, str]) -> bool:
        """Say whether this case must show the difference under these versions of R."""
        return self.concerns(case) and all(
            package in versions and in_range(versions[package], bounds)
            for package, bounds in self.packages.items()
        )

    def concerns(self, case: Case) -> bool:
        """Say whether this case would show the difference under some version."""
        return (
            case.quantity == self.quantity
            and case.model is not None
            and self.tags <= case.model.tags
            and case.model.method in self.methods
            and all(case.inputs.get(name) in values for name, values in self.inputs.items())
        )


def load_deviations(path: Path | None = None) -> tuple[Deviation, ...]:
    """Read ``tables/deviations.toml``."""
    path = parity_folder() / "tables" / "deviations.toml" if path is None else path
    entries = []
    for table in tomllib.loads(path.read_text("utf-8"))["deviation"]:
        sets = {key: frozenset(table[key]) for key in ("tags", "methods") if key in table}
        entries.append(Deviation(**{**table, **sets}))
    ids = [entry.id for entry in entries]
    if len(set(ids)) < len(ids):
        message = f"{path.name}: deviation ids must be unique; got {ids}"
        raise CaseError(message)
    return tuple(entries)


def claims(
    deviations: Sequence[Deviation], case: Case, versions: Mapping[str, str]
) -> tuple[Deviation, ...]:
    """Return all deviations that claim a case under these versions, in the order of the file."""
    return tuple(entry for entry in deviations if entry.claims(case, versions))


def claim(
    deviations: Sequence[Deviation], case: Case, versions: Mapping[str, str]
) -> Deviation | None:
    """Return the deviation that claims a case under these versions, if one does."""
    return next((entry for entry in deviations if entry.claims(case, versions)), None)
