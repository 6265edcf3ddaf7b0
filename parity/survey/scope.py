"""What a survey asks, and of whom: the same models and quantities of every library."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from parity.cases import Case
from parity.paths import parity_folder

OPTIMUM = "optimum"
QUANTITIES = (
    "optimum", "criterion", "devfun_lme4", "fixef", "sigma", "loglik", "information", "vcov",
    "std_errors", "varcorr", "ranef", "u", "fitted", "resid", "hatvalues", "shape", "refit_same",
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """What a reader should know of a cell: a sentence, and the case that shows it."""

    case: str
    text: str


@dataclass(frozen=True)
class Library:
    """One library of the survey.

    Attributes
    ----------
    name
        As ``--implementation`` takes it.
    title, install, url
        Its own name, what to give pip, and where it is documented.
    claims
        Which models it claims to fit.
    asked
        How the adapter asks it.
    strict
        Name of the adapter that tells it to look harder; empty if it has nothing to tell.
    harder
        What that adapter tells it.
    notes
        What explains some of its cells.
    """

    name: str
    title: str
    install: str
    url: str
    claims: str
    asked: str
    strict: str = ""
    harder: str = ""
    notes: tuple[Note, ...] = ()


@lru_cache(maxsize=1)
def libraries() -> Mapping[str, Library]:
    """Read ``survey/libraries.toml``: the libraries in the order of the page."""
    found = {}
    for table in _table()["library"]:
        notes = tuple(Note(**note) for note in table.pop("notes", ()))
        found[table["name"]] = Library(**table, notes=notes)
    return found


def left_out() -> Sequence[Mapping[str, str]]:
    """Return the libraries that were considered and not taken, each with the reason."""
    considered: Sequence[Mapping[str, str]] = _table()["left_out"]
    return considered


def _table() -> dict[str, Any]:
    text = (parity_folder() / "survey" / "libraries.toml").read_text("utf-8")
    return tomllib.loads(text)


def surveyed_cases(catalogue: Sequence[Case]) -> tuple[Case, ...]:
    """Return the cases that every library is asked, with its default options.

    Models for which lme4 itself is told to stop later are no measure of a default.
    """
    return tuple(
        case
        for case in catalogue
        if case.quantity in QUANTITIES and case.model is not None and case.model.control is None
    )


def strict_cases(catalogue: Sequence[Case]) -> tuple[Case, ...]:
    """Return the cases of a library that was told to look harder: the optima."""
    return tuple(case for case in surveyed_cases(catalogue) if case.quantity == OPTIMUM)
