"""A project's own case file: its data, its models, and what is compared of them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from parity.cases.case import Case
from parity.cases.load import METHODS, check_keys, check_unique
from parity.cases.own import Extras, OwnCases, OwnModel, cases_for, own_model
from parity.cases.project_rules import judged_by, narrowed, own_tolerances, with_columns
from parity.data_files import read_data, with_levels
from parity.errors import CaseError
from parity.frames import Frames
from parity.tolerances import Tolerance
from pybootmlm.datasets import list_datasets, load_dataset

CASE_FILE = "parity_cases.toml"
_REFERENCES = "parity_references"
_DATA_KEYS = {"name", "file", "na", "levels", "columns"}
_MODEL_KEYS = {
    "id", "data", "formula", "methods", "weights", "offset", "bootstraps", "nsim", "seed",
    "statistics", "all", "quantities", "tolerances",
}  # fmt: skip


@dataclass(frozen=True)
class ProjectCases:
    """What a project's case file says.

    Attributes
    ----------
    models
        Each with its method, in the order of the file.
    asked
        All cases, in the order of the models, and why some are not put to R.
    frames
        The data of the models, for the oracle and for `compare_cases`.
    tolerances
        The project's own, by name: in place of the catalogue's, or beside them for one model.
    """

    models: tuple[OwnModel, ...]
    asked: OwnCases
    frames: Frames
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases alone."""
        return self.asked.cases

    @property
    def not_asked(self) -> Mapping[str, str]:
        """Why some cases are not put to R, by their ids (for `SparingOracle`)."""
        return self.asked.not_asked


def load_project(path: Path) -> ProjectCases:
    """Read ``parity_cases.toml``; data files are looked for beside it.

    Raises
    ------
    CaseError
        The file is not TOML, has unknown or missing keys, or a model cannot be fitted.
    DataFileError
        A data file cannot be read.
    """
    document = _document(path)
    tables = {table["name"]: table for table in document.get("data", [])}
    wanted = document.get("model", [])
    if not wanted:
        message = f"{path}: there is no [[model]]; see docs/check.md for the form of the file"
        raise CaseError(message)
    whole = {name: _data(path, table) for name, table in tables.items()}
    models: list[OwnModel] = []
    parts: list[OwnCases] = []
    tolerances = own_tolerances(path, document.get("tolerances", {}))
    for table in wanted:
        extras = _extras(table)
        own_rules = own_tolerances(path, table.get("tolerances", {}), table["id"])
        tolerances.update({rule.name: rule for rule in own_rules.values()})
        for method in table.get("methods", list(METHODS)):
            own = _model(path, table, method, whole)
            models.append(own)
            part = narrowed(path, table, cases_for(own, extras))
            parts.append(OwnCases(judged_by(part.cases, own_rules), part.not_asked))
    check_unique([own.model.id for own in models])
    return ProjectCases(
        models=tuple(models),
        asked=OwnCases(
            tuple(case for part in parts for case in part.cases),
            {name: why for part in parts for name, why in part.not_asked.items()},
        ),
        frames=Frames(_used(whole, models)),
        tolerances=tolerances,
    )


def references_of(path: Path) -> Path:
    """Return the folder beside a case file that holds R's recorded answers to it."""
    return path.parent / _REFERENCES


def _document(path: Path) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        message = f"case file '{path}' cannot be read: {error.strerror}"
        raise CaseError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"case file '{path}' is not TOML: {error}"
        raise CaseError(message) from error
    check_keys(path, {"id": "the file", **document}, {"id", "data", "model", "tolerances"}, set())
    for table in document.get("data", []):
        check_keys(path, {"id": table.get("name"), **table}, {"id", *_DATA_KEYS}, {"name", "file"})
    check_unique([table["name"] for table in document.get("data", [])])
    for table in document.get("model", []):
        check_keys(path, table, _MODEL_KEYS, {"id", "data", "formula"})
        strange = set(table.get("methods", ())) - set(METHODS)
        if strange:
            message = f"{path.name}: model '{table['id']}' has methods {sorted(strange)}; they are "
            raise CaseError(message + ", ".join(METHODS))
    return document


def _data(path: Path, table: Mapping[str, Any]) -> pd.DataFrame:
    frame = read_data(path.parent / table["file"], table.get("na", ()))
    frame = with_levels(frame, table.get("levels", ()))
    return with_columns(path, frame, table.get("columns", {}))


def _model(
    path: Path, table: Mapping[str, Any], method: str, whole: Mapping[str, pd.DataFrame]
) -> OwnModel:
    name = table["data"]
    if name not in whole and name not in list_datasets():
        message = f"{path.name}: model '{table['id']}' is on data '{name}', which no [[data]] names"
        raise CaseError(message)
    try:
        return own_model(
            table["formula"],
            whole[name] if name in whole else load_dataset(name),
            name=table["id"],
            data=name,
            reml=METHODS[method],
            weights=table.get("weights"),
            offset=table.get("offset"),
        )
    except CaseError as error:
        message = f"{path.name}: model '{table['id']}': {error}"
        raise CaseError(message) from error


def _extras(table: Mapping[str, Any]) -> Extras:
    names: Sequence[str] = ("bootstraps", "nsim", "seed", "statistics")
    given = {name: table[name] for name in names if name in table}
    return Extras(everything=table.get("all", False), **given)


def _used(whole: Mapping[str, pd.DataFrame], models: Sequence[OwnModel]) -> dict[str, pd.DataFrame]:
    """Keep of each data set the columns that some model reads, in the file's order."""
    used: dict[str, pd.DataFrame] = {}
    for name, frame in whole.items():
        read = {column for own in models if own.model.data == name for column in own.frame.columns}
        if read:
            used[name] = frame[[column for column in frame.columns if column in read]]
    return used
