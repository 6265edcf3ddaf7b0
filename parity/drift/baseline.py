"""A baseline: one line a case, so that a project's history shows what changed and when."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.drift.sketch import SUMMARIES, Numbers, Sketch
from parity.drift.snapshot import Entry, Snapshot
from parity.tolerances import Tolerance
from parity.values import Value
from parity.verdict import Verdict

FORMAT = 1


def baseline_text(run: Snapshot) -> str:
    """Write a run as a baseline: sorted, without times, numbers no finer than it is judged by.

    A value that matches is written once, as R's; one that does not, as both sides have it.
    """
    run = run.shortened()
    head = {
        "baseline": FORMAT,
        "oracle": run.oracle,
        "implementation": run.implementation,
        "python": dict(run.python),
        "r": dict(run.r),
        "deviations_without_cases": sorted(run.dead),
    }
    lines = [f"{json.dumps(key)}: {_line(value)}" for key, value in head.items()]
    judged = {name: _tolerance(run.tolerances[name]) for name in sorted(run.tolerances)}
    lines.append(f'"tolerances": {_table(judged)}')
    cases = {name: _case(entry) for name, entry in run.entries.items()}
    lines.append(f'"cases": {_table(cases)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def snapshot_of(document: Mapping[str, Any], name: str) -> Snapshot:
    """Read what `baseline_text` writes."""
    tolerances = {
        key: Tolerance(name=key, tier="", reason="as in the baseline", **table)
        for key, table in document["tolerances"].items()
    }
    entries = {key: _entry(key, table) for key, table in document["cases"].items()}
    unknown = {entry.tolerance for entry in entries.values()} - set(tolerances)
    if unknown:
        message = f"tolerances {sorted(unknown)} are not stated"
        raise ValueError(message)
    return Snapshot(
        name=name,
        oracle=document["oracle"],
        implementation=document["implementation"],
        python=document["python"],
        r=document["r"],
        tolerances=tolerances,
        entries=entries,
        dead=tuple(document["deviations_without_cases"]),
        brief=True,
    )


def _entry(name: str, table: Mapping[str, Any]) -> Entry:
    verdict = Verdict(table["verdict"])
    expected = _numbers(table["r"])
    return Entry(
        id=name,
        verdict=verdict,
        tolerance=table["tolerance"],
        asked=table["asked"],
        digits=None if table["digits"] is None else float(table["digits"]),
        deviation=table.get("deviation"),
        expected=expected,
        observed=expected if verdict is Verdict.MATCH else _numbers(table["python"]),
    )


def _case(entry: Entry) -> dict[str, Any]:
    table = {
        "verdict": str(entry.verdict),
        "digits": _whole(entry.digits),
        "tolerance": entry.tolerance,
        "asked": entry.asked,
        "r": _document(entry.expected),
    }
    if entry.deviation is not None:
        table["deviation"] = entry.deviation
    if entry.verdict is not Verdict.MATCH:
        table["python"] = _document(entry.observed)
    return table


def _whole(digits: float | None) -> float | None:
    return int(digits) if digits is not None and digits.is_integer() else digits


def _tolerance(tolerance: Tolerance) -> dict[str, Any]:
    names = ("absolute", "relative", "scale", "criterion", "chain")
    return {name: getattr(tolerance, name) for name in names}


def _document(numbers: Numbers | None) -> Any:
    """Write numbers: a value as `Value.to_json`, a sketch with a list a summary."""
    if numbers is None:
        return None
    if isinstance(numbers, Value):
        document = numbers.to_json()
        whole = document["dim"] == [len(document["data"])] and document["names"] == [None]
        return document["data"] if whole else document
    rows = zip(SUMMARIES, numbers.summaries.numbers.tolist(), strict=True)
    columns = numbers.summaries.columns
    return {
        "form": numbers.form,
        "columns": None if columns is None else list(columns),
        **dict(rows),
    }


def _numbers(document: Any) -> Numbers | None:
    if document is None:
        return None
    if isinstance(document, list):
        return Value.from_json({"dim": [len(document)], "names": [None], "data": document})
    if "form" not in document:
        return Value.from_json(document)
    rows = np.array([document[name] for name in SUMMARIES], float)
    columns = document["columns"]
    names = (SUMMARIES, None if columns is None else tuple(columns))
    return Sketch(document["form"], Value(rows, names, np.zeros(rows.shape, bool)))


def _table(entries: Mapping[str, Any]) -> str:
    lines = (f"{json.dumps(name, ensure_ascii=False)}: {_line(e)}" for name, e in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
