"""What is known about each packaged data set: ``provenance.toml`` as frozen values."""

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Literal

from pybootmlm.exceptions import ArgumentError

Kind = Literal["numeric", "integer", "factor", "ordered"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a packaged data set.

    Attributes
    ----------
    name
        Name of the column.
    kind
        R's type: ``"numeric"``, ``"integer"``, ``"factor"`` or ``"ordered"``.
    levels
        R's levels in R's order; ``None`` for numbers, and for a factor whose many levels stand in
        the order of their numbers.
    n_levels
        Number of levels; 0 for numbers.

    Examples
    --------
    >>> from pybootmlm.datasets import dataset_provenance
    >>> dataset_provenance("Dyestuff").columns[1]
    Column(name='Yield', kind='numeric', levels=None, n_levels=0)
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] | None
    n_levels: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a packaged data set comes from and what it holds.

    Attributes
    ----------
    name
        R's name of the data set.
    title
        What was measured, in one line.
    source
        The R package, with its version, that the data were exported from.
    licence
        SPDX expression of that package's licence.
    reference
        The publication the data come from.
    note
        What was done to them on the way, if anything.
    rows
        Number of rows.
    columns
        Every column, in order.
    file
        File name of the packaged CSV.
    sha256
        Digest of the CSV text (of a ``.gz``: once unpacked).

    Examples
    --------
    >>> from pybootmlm.datasets import dataset_provenance
    >>> dataset_provenance("Penicillin").title
    'Diameter of the zone of inhibition for six samples of penicillin on 24 plates (crossed)'
    """

    name: str
    title: str
    source: str
    licence: str
    reference: str
    note: str
    rows: int
    columns: tuple[Column, ...]
    file: str
    sha256: str


def list_datasets() -> list[str]:
    """Names of the packaged data sets.

    Returns
    -------
    list of str
        The names that `load_dataset` takes, in alphabetical order, capitals first.

    Examples
    --------
    >>> from pybootmlm.datasets import list_datasets
    >>> list_datasets()[:4]
    ['Dyestuff', 'Dyestuff2', 'InstEval', 'Orthodont']
    """
    return sorted(_catalogue())


def dataset_provenance(name: str) -> Provenance:
    """Say where a packaged data set comes from and what it holds.

    Parameters
    ----------
    name
        One of `list_datasets`, spelt as in R.

    Returns
    -------
    Provenance
        Source, licence, reference, dimensions, columns and checksum.

    Raises
    ------
    ArgumentError
        If there is no data set of that name.

    Examples
    --------
    >>> from pybootmlm.datasets import dataset_provenance
    >>> about = dataset_provenance("cake")
    >>> about.source, about.licence, about.rows
    ('R package lme4 1.1-31', 'GPL-2.0-or-later', 270)
    >>> [column.name for column in about.columns if column.kind == "ordered"]
    ['temperature']
    """
    catalogue = _catalogue()
    if isinstance(name, str) and name in catalogue:
        return catalogue[name]
    raise ArgumentError(_unknown_name(name, sorted(catalogue)))


def data_folder() -> Traversable:
    """Folder of the packaged CSVs."""
    return files("pybootmlm.datasets") / "data"


@cache
def _catalogue() -> MappingProxyType[str, Provenance]:
    text = (files("pybootmlm.datasets") / "provenance.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _entry(name, row) for name, row in tomllib.loads(text).items()})


def _entry(name: str, row: dict[str, Any]) -> Provenance:
    columns = tuple(_column(column, spec) for column, spec in row.pop("columns").items())
    return Provenance(name=name, columns=columns, note=row.pop("note", ""), **row)


def _column(name: str, spec: dict[str, Any]) -> Column:
    labels = spec.get("levels", [])
    if labels == "by number":
        return Column(name, spec["kind"], None, spec["n"])
    return Column(name, spec["kind"], tuple(labels) or None, len(labels))


def _unknown_name(name: object, known: list[str]) -> str:
    by_lower_case = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(str(name).lower(), by_lower_case, n=1)
    hint = f" Did you mean {by_lower_case[close[0]]!r}?" if close else ""
    return f"`name` must be one of {', '.join(map(repr, known))}; got {name!r}.{hint}"
