"""From what a survey found to the page of the documentation."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from parity.cases import Case, Model
from parity.probes import probe_of
from parity.survey.cells import ERROR, NOT_RUN, Score, optimum_cell, score, tally
from parity.survey.document import Entry, Survey
from parity.survey.scope import OPTIMUM, QUANTITIES, Library, left_out, libraries
from pybootmlm.formula import parse_formula

_NEAR = 8.0
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_AGREED = ("match", "explained", NOT_RUN)


@dataclass(frozen=True)
class Row:
    """One row of a table: its label, what it says, and a cell for every library."""

    label: str
    what: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Cases of one library and quantity that do not agree, and why.

    Attributes
    ----------
    near
        How many of them agree to eight digits and more, and miss only the case's tolerance.
    """

    quantity: str
    count: int
    near: int
    example: str
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Early:
    """A default optimum that is not lme4's, beside what the library finds when it looks harder."""

    case: str
    default: str
    strict: str


def page_text(survey: Survey, catalogue: Sequence[Case]) -> str:
    """Write the page; it says nothing of a library that the survey did not ask."""
    shown = [library for name, library in libraries().items() if name in survey]
    models = _models(survey, catalogue)
    environment = Environment(
        loader=PackageLoader("parity", "survey"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    template = environment.get_template("page.md.j2")
    return (
        template.render(
            numbers=_NUMBERS,
            libraries=shown,
            survey=survey,
            summary={library.name: _summary(survey, library) for library in shown},
            optima=_optima(survey, shown, models),
            quantities=_quantities(survey, shown),
            early={library.name: _early(survey, library) for library in shown},
            differences={library.name: _differences(survey, library) for library in shown},
            errors={library.name: _errors(survey, library) for library in shown},
            left_out=left_out(),
        ).rstrip()
        + "\n"
    )


@dataclass(frozen=True)
class Summary:
    """One library in short: its optima, and on how many quantities it agrees."""

    optima: Score
    provided: int
    agreed: int


def _summary(survey: Survey, library: Library) -> Summary:
    cases = survey[library.name].cases
    tallies = [tally(_of(cases, quantity)) for quantity in QUANTITIES if quantity != OPTIMUM]
    provided = [found for found in tallies if found.compared]
    agreed = sum(found.agreed == found.compared for found in provided)
    return Summary(score(_of(cases, OPTIMUM)), len(provided), agreed)


def _models(survey: Survey, catalogue: Sequence[Case]) -> Mapping[str, Model]:
    """Return the models that were asked for an optimum, by name, in their order."""
    asked = {case for library in survey.values() for case in library.cases}
    found: dict[str, Model] = {}
    for case in catalogue:
        if case.quantity == OPTIMUM and case.id in asked and case.model is not None:
            found.setdefault(case.model.id.rpartition("/")[0], case.model)
    return found


def _optima(survey: Survey, shown: Sequence[Library], models: Mapping[str, Model]) -> list[Row]:
    rows = []
    for name, model in models.items():
        cells = []
        for library in shown:
            cases = survey[library.name].cases
            both = [cases.get(f"{name}/{method}/{OPTIMUM}") for method in ("REML", "ML")]
            reml, ml = (optimum_cell(entry) for entry in both)
            cells.append("–" if reml == ml == "–" else f"{reml} / {ml}")
        rows.append(Row(name, f"{model.data}: `{model.formula}`{_besides(model)}", tuple(cells)))
    return rows


def _besides(model: Model) -> str:
    """Say what belongs to a model besides its formula."""
    said = [
        f"{role} {model.columns.get(column, column)}"
        for role, column in (("weights", model.weights), ("offset", model.offset))
        if column is not None
    ]
    read = parse_formula(model.formula).columns
    said += [f"{name} = {text}" for name, text in model.columns.items() if name in read]
    return "".join(f", {text}" for text in said)


def _quantities(survey: Survey, shown: Sequence[Library]) -> list[Row]:
    rows = []
    for quantity in QUANTITIES:
        if quantity == OPTIMUM:
            continue
        cells = [tally(_of(survey[lib.name].cases, quantity)).text for lib in shown]
        rows.append(Row(quantity, probe_of(quantity).what, tuple(cells)))
    return rows


def _early(survey: Survey, library: Library) -> list[Early]:
    """List the optima that are not lme4's by default, if the library was told to look harder."""
    if library.strict not in survey:
        return []
    harder = survey[library.strict].cases
    return [
        Early(case, optimum_cell(entry), optimum_cell(harder.get(case)))
        for case, entry in survey[library.name].cases.items()
        if _quantity(case) == OPTIMUM and entry.verdict not in _AGREED and case in harder
    ]


def _differences(survey: Survey, library: Library) -> list[Difference]:
    """Group what does not agree by quantity; the worst of each speaks for all."""
    groups: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    for case, entry in survey[library.name].cases.items():
        if entry.verdict not in (*_AGREED, ERROR):
            groups[_quantity(case)].append((case, entry))
    found = []
    for quantity in QUANTITIES:
        cases = groups[quantity]
        if cases:
            worst, entry = min(cases, key=lambda pair: _rank(pair[1]))
            near = sum(e.digits is not None and e.digits >= _NEAR for _, e in cases)
            notes = tuple(n.text for n in library.notes if _quantity(n.case) == quantity)
            found.append(Difference(quantity, len(cases), near, worst, entry.reason, notes))
    return found


def _errors(survey: Survey, library: Library) -> dict[str, list[str]]:
    """Return the models that a library could not fit, by what it said."""
    found: dict[str, list[str]] = defaultdict(list)
    for case, entry in survey[library.name].cases.items():
        if entry.verdict == ERROR and _quantity(case) == OPTIMUM:
            found[_said(entry.reason)].append(case)
    return found


def _said(reason: str) -> str:
    """Return a library's own words: without the harness's, and the line of the adapter."""
    return re.sub(r" \([^()]*, line \d+\)$", "", reason.removeprefix("LibraryError: "))


def _rank(entry: Entry) -> tuple[float, float]:
    digits = -1.0 if entry.digits is None else entry.digits
    return (-(entry.excess or 0.0), digits)


def _of(cases: Mapping[str, Entry], quantity: str) -> list[Entry]:
    return [entry for case, entry in cases.items() if _quantity(case) == quantity]


def _quantity(case: str) -> str:
    """Return the quantity of a case's id, ``model/method/quantity``."""
    return case.split("/")[2]
