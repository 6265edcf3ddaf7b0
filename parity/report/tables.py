"""A case as a reader sees it: its row, and the numbers behind it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from parity.cases import Model
from parity.run import CaseResult
from parity.values import Value

_SHOWN = 12


@dataclass(frozen=True)
class Cell:
    """One element of a value on both sides."""

    name: str
    expected: str
    observed: str
    difference: str


@dataclass(frozen=True)
class Row:
    """What the HTML table shows of one case."""

    result: CaseResult
    model: str
    formula: str
    inputs: str
    digits: str
    max_abs: str
    cells: tuple[Cell, ...]
    hidden: int
    versions: str


def row_of(result: CaseResult) -> Row:
    """Write a case for the HTML report."""
    case, answer, comparison = result.case, result.answer, result.finding.comparison
    cells = tuple(_cells(answer.value, result.observed)) if answer and result.observed else ()
    inputs = ", ".join(f"{name} = {value}" for name, value in case.inputs.items())
    versions = ""
    if answer is not None:
        packages = ("R", "lme4", "Matrix", "bootmlm")
        named = [f"{name} {answer.versions[name]}" for name in packages if name in answer.versions]
        versions = f"{answer.oracle}: {', '.join(named)}"
    return Row(
        result=result,
        model="numbers" if case.model is None else case.model.id,
        formula="" if case.model is None else _described(case.model),
        inputs=inputs if len(inputs) < 160 else inputs[:157] + "...",
        digits="" if comparison is None else f"{comparison.digits:.1f}",
        max_abs="" if comparison is None else f"{comparison.max_abs:.1e}",
        cells=cells[:_SHOWN],
        hidden=max(0, len(cells) - _SHOWN),
        versions=versions,
    )


def _described(model: Model) -> str:
    parts = [f"{model.data}: {model.formula}"]
    derived = model.columns
    for role, column in (("weights", model.weights), ("offset", model.offset)):
        if column is not None:
            parts.append(f"{role} = {derived.get(column, column)}")
    if model.control is not None:
        parts.append(f"lme4's stopping rule: {model.control}")
    return ", ".join(parts)


def _cells(expected: Value, observed: Value) -> Iterator[Cell]:
    """Pair elements for show: by name where both sides have the same names, else by place."""
    # A value of another shape is a mismatch, and is still shown as far as it goes.
    pairs = zip(expected.names, observed.names, strict=False)
    order = [_order(theirs, ours) for theirs, ours in pairs]
    if len(order) < len(expected.names):
        return
    for place in np.ndindex(expected.numbers.shape):
        theirs = float(expected.numbers[place])
        other = tuple(
            index.get(names[i], i) if names is not None else i
            for i, index, names in zip(place, order, expected.names, strict=True)
        )
        inside = len(other) == observed.numbers.ndim and all(
            i < size for i, size in zip(other, observed.numbers.shape, strict=True)
        )
        ours = float(observed.numbers[other]) if inside else float("nan")
        labels = [
            names[i] if names is not None else str(i + 1)
            for i, names in zip(place, expected.names, strict=True)
        ]
        yield Cell(", ".join(labels), f"{theirs:.12g}", f"{ours:.12g}", f"{ours - theirs:.1e}")


def _order(theirs: tuple[str, ...] | None, ours: tuple[str, ...] | None) -> dict[str, int]:
    if theirs is None or ours is None or set(theirs) != set(ours):
        return {}
    return {name: i for i, name in enumerate(ours)}
