"""From the TOML files beside this one to a tuple of cases."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from parity.cases.case import Case, Model
from parity.errors import CaseError
from parity.paths import parity_folder

METHODS = {"REML": True, "ML": False}
_CASE_KEYS = {"id", "requirement", "quantity", "tolerance", "inputs"}
_GRID_KEYS = (_CASE_KEYS - {"id"}) | {
    "variant", "variants", "tags", "without", "models", "methods",
}  # fmt: skip
_MODEL_KEYS = {
    "id", "data", "formula", "tags", "methods", "weights", "offset", "columns", "cluster",
    "control",
    "na_action",
}  # fmt: skip


def load_cases(folder: Path | None = None) -> tuple[Case, ...]:
    """Read every case of a folder: ``models.toml`` and the grids of the other files.

    Examples
    --------
    >>> cases = load_cases()
    >>> [case.id for case in cases if case.id.endswith("dyestuff/REML/sigma")]
    ['dyestuff/REML/sigma']
    """
    folder = parity_folder() / "cases" if folder is None else folder
    models = _load_models(folder / "models.toml")
    cases: list[Case] = []
    for path, document in _documents(folder):
        for grid in _grids(path, document):
            cases.extend(_expand(grid, models, path))
        for table in document.get("case", []):
            check_keys(path, table, _CASE_KEYS, {"id", "requirement", "quantity", "tolerance"})
            cases.append(Case(**table))
    check_unique([case.id for case in cases])
    return tuple(cases)


def tag_grids(folder: Path | None = None) -> tuple[Mapping[str, Any], ...]:
    """Return the grids that choose models by tags, and so fit any model; not those by name."""
    folder = parity_folder() / "cases" if folder is None else folder
    grids = (grid for path, document in _documents(folder) for grid in _grids(path, document))
    return tuple(grid for grid in grids if "models" not in grid)


def cases_of(grid: Mapping[str, Any], model: Model) -> Iterator[Case]:
    """Expand a grid for one model, whatever the tags: a case a variant."""
    for suffix, inputs in _variants(grid).items():
        yield Case(
            id=f"{model.id}/{grid['quantity']}{suffix}",
            requirement=grid["requirement"],
            quantity=grid["quantity"],
            tolerance=grid["tolerance"],
            model=model,
            inputs=inputs,
        )


def select_cases(cases: Iterable[Case], patterns: Sequence[str]) -> tuple[Case, ...]:
    """Keep the cases whose id fits one of the globs; a glob that fits none is an error."""
    cases = tuple(cases)
    if not patterns:
        return cases
    for pattern in patterns:
        if not any(fnmatchcase(case.id, pattern) for case in cases):
            message = (
                f"`--case {pattern}` fits none of the {len(cases)} cases; ids look like "
                f"'{cases[0].id}', and `parity list` prints them all"
            )
            raise CaseError(message)
    return tuple(
        case for case in cases if any(fnmatchcase(case.id, pattern) for pattern in patterns)
    )


def _documents(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path in sorted(folder.glob("*.toml")):
        if path.name != "models.toml":
            yield path, tomllib.loads(path.read_text("utf-8"))


def _grids(path: Path, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for grid in document.get("grid", []):
        check_keys(path, grid, _GRID_KEYS, {"requirement", "quantity", "tolerance"})
        yield grid


def _load_models(path: Path) -> tuple[Model, ...]:
    models = []
    for table in tomllib.loads(path.read_text("utf-8"))["model"]:
        check_keys(path, table, _MODEL_KEYS, {"id", "data", "formula"})
        for method in table.get("methods", list(METHODS)):
            models.append(
                Model(
                    id=f"{table['id']}/{method}",
                    data=table["data"],
                    formula=table["formula"],
                    reml=METHODS[method],
                    tags=frozenset(table.get("tags", ())),
                    weights=table.get("weights"),
                    offset=table.get("offset"),
                    columns=table.get("columns", {}),
                    cluster=table.get("cluster"),
                    control=table.get("control"),
                    na_action=table.get("na_action"),
                )
            )
    check_unique([model.id for model in models])
    return tuple(models)


def _expand(grid: Mapping[str, Any], models: Iterable[Model], path: Path) -> Iterator[Case]:
    wanted, tags = grid.get("models"), set(grid.get("tags", ()))
    methods = grid.get("methods", list(METHODS))
    # A model tagged "by-name" is for the grids that name it.
    without = {"by-name", *grid.get("without", ())}
    found = False
    for model in models:
        name = model.id.rpartition("/")[0]
        fits = name in wanted if wanted else tags <= model.tags and not without & model.tags
        if fits and model.method in methods:
            found = True
            yield from cases_of(grid, model)
    if not found:
        message = f"{path.name}: the grid of '{grid['quantity']}' fits no model of models.toml"
        raise CaseError(message)


def _variants(grid: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Inputs of each variant of a grid: those of all, and its own."""
    shared = grid.get("inputs", {})
    if "variants" in grid:
        return {f"/{name}": {**shared, **own} for name, own in grid["variants"].items()}
    return {f"/{grid['variant']}" if "variant" in grid else "": dict(shared)}


def check_keys(path: Path, table: Mapping[str, Any], known: set[str], needed: set[str]) -> None:
    """Refuse a table with keys that mean nothing, or without those it needs."""
    unknown, missing = set(table) - known, needed - set(table)
    if unknown or missing:
        wrong = [f"has unknown keys {sorted(unknown)}"] if unknown else []
        wrong += [f"lacks {sorted(missing)}"] if missing else []
        message = (
            f"{path.name}: the table {_first_lines(table)} {' and '.join(wrong)}; "
            f"known are {sorted(known)}"
        )
        raise CaseError(message)


def _first_lines(table: Mapping[str, Any]) -> str:
    """Show of a table what its writer recognises it by."""
    return "'" + ", ".join(f"{key} = {value}" for key, value in [*table.items()][:2]) + "'"


def check_unique(ids: Sequence[str]) -> None:
    """Refuse ids that occur twice."""
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        message = f"ids must be unique, but these occur twice: {', '.join(twice)}"
        raise CaseError(message)
