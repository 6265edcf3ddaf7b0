"""Where R and we differ: under which versions, in which cases, and how each is shown and proved."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.errors import CaseError
from parity.paths import parity_folder
from parity.shown.example import Example
from parity.versions import in_range

GROUPS = ("lme4", "bootmlm", "beside", "numerical", "followed")
_SETS = ("quantities", "tags", "without", "models", "methods")


@dataclass(frozen=True)
class Scope:
    """The cases in which a deviation occurs, and its proof there.

    Attributes
    ----------
    quantities
        Names of quantities.
    proof
        Name of the function in `parity.proofs` that proves it when a case runs.
    tags, without
        Tags that a model must have, and must not have.
    models
        Names of models, as globs; any if empty.
    inputs
        For some inputs of a case, the values that show the difference.
    refusal
        The error that the Python side rightly raises where R answers; empty if it answers too.
    error
        What R's error says where R has one and the Python side answers.
    as_r
        The slips of R by which its data are ours (see `parity.emulation`).
    sometimes
        Whether a case may also agree: rounding, or an optimiser's path, decides.
    """

    quantities: frozenset[str]
    proof: str
    tags: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset({"REML", "ML"})
    inputs: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    refusal: str = ""
    error: str = ""
    as_r: tuple[str, ...] = ()
    sometimes: bool = False

    def concerns(self, case: Case) -> bool:
        """Say whether this case would show the difference under some version."""
        model = case.model
        return (
            case.quantity in self.quantities
            and model is not None
            and self.tags <= model.tags
            and not self.without & model.tags
            and model.method in self.methods
            and (not self.models or any(fnmatchcase(_name(case), one) for one in self.models))
            and all(case.inputs.get(name) in values for name, values in self.inputs.items())
        )


@dataclass(frozen=True)
class Deviation:
    """A difference between R and us, that must be there under the versions that it names.

    Attributes
    ----------
    group
        One of `GROUPS`: whose it is ("beside" are packages beside lme4), "numerical" where two
        right algorithms stop apart, "followed" where we do on purpose what R does.
    packages
        For each R package the range of versions that show the difference.
    cause, instead, source
        Why R differs, what pybootmlm does and why, and where the difference was met.
    example
        What shows it, in R and in Python.
    scopes
        The cases of the harness in which it occurs; none for what no quantity of it reaches.
    """

    id: str
    group: str
    title: str
    packages: Mapping[str, str]
    cause: str
    instead: str
    source: str
    example: Example
    scopes: tuple[Scope, ...] = ()

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            message = f"`group` of '{self.id}' must be one of {GROUPS}; got '{self.group}'"
            raise CaseError(message)

    def holds(self, versions: Mapping[str, str]) -> bool:
        """Say whether R with these packages has it."""
        return all(
            package in versions and in_range(versions[package], bounds)
            for package, bounds in self.packages.items()
        )

    def concerns(self, case: Case) -> bool:
        """Say whether this case would show the difference under some version."""
        return any(scope.concerns(case) for scope in self.scopes)

    def claims(self, case: Case, versions: Mapping[str, str]) -> bool:
        """Say whether this case shows the difference under these versions of R."""
        return self.concerns(case) and self.holds(versions)


@dataclass(frozen=True)
class Claim:
    """A deviation and that scope of it in which a case lies."""

    deviation: Deviation
    scope: Scope


def load_deviations(path: Path | None = None) -> tuple[Deviation, ...]:
    """Read ``tables/deviations.toml``."""
    path = parity_folder() / "tables" / "deviations.toml" if path is None else path
    entries = []
    for table in tomllib.loads(path.read_text("utf-8"))["deviation"]:
        try:
            entries.append(_deviation(table))
        except (CaseError, TypeError) as error:
            message = f"{path.name}: entry '{table.get('id')}': {error}"
            raise CaseError(message) from error
    ids = [entry.id for entry in entries]
    if len(set(ids)) < len(ids):
        message = f"{path.name}: deviation ids must be unique; got {ids}"
        raise CaseError(message)
    return tuple(entries)


def claims_on(
    deviations: Sequence[Deviation], case: Case, versions: Mapping[str, str]
) -> tuple[Claim, ...]:
    """Return what claims a case under these versions, in the order of the table."""
    return tuple(
        Claim(entry, scope)
        for entry in deviations
        if entry.holds(versions)
        for scope in entry.scopes
        if scope.concerns(case)
    )


def _deviation(table: dict[str, Any]) -> Deviation:
    fields = dict(table)
    scopes = tuple(_scope(scope) for scope in fields.pop("scope", ()))
    example = fields.pop("example", {})
    values = {key: tuple(example[key]) for key in ("wrong", "right") if key in example}
    return Deviation(**fields, example=Example(**{**example, **values}), scopes=scopes)


def _scope(table: dict[str, Any]) -> Scope:
    kinds = {**dict.fromkeys(_SETS, frozenset), "as_r": tuple}
    return Scope(**{key: kinds[key](v) if key in kinds else v for key, v in table.items()})


def _name(case: Case) -> str:
    return "" if case.model is None else case.model.id.rpartition("/")[0]
