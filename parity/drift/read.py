"""From a file to what a run said: a report's ``results.json``, or a baseline."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from parity.drift import baseline
from parity.drift.snapshot import Entry, Snapshot, fingerprint
from parity.errors import ResultsError
from parity.report import Report
from parity.report.json import FORMAT, json_text
from parity.tolerances import Tolerance, load_tolerances
from parity.values import Value
from parity.verdict import Verdict

T = TypeVar("T")


def read_run(path: Path) -> Snapshot:
    """Read ``results.json``, the folder of a report that holds one, or a baseline.

    Raises
    ------
    ResultsError
        If there is no such file, or it is torn, or something else, or of another format.
    """
    path = path / "results.json" if path.is_dir() else path
    name = str(path)
    document = _load(path)
    if "baseline" in document:
        _check_format(name, "baseline", document["baseline"], baseline.FORMAT)
        return _built(name, lambda: baseline.snapshot_of(document, name))
    if "format" not in document or "results" not in document:
        message = (
            f"'{name}' is JSON, but neither a report's results.json nor a baseline of "
            "`parity run --save-baseline`"
        )
        raise ResultsError(message)
    _check_format(name, "report", document["format"], FORMAT)
    return _built(name, lambda: _snapshot(document, name))


def run_of(report: Report, name: str = "this run") -> Snapshot:
    """Return a run as its ``results.json`` will say it."""
    return _snapshot(json.loads(json_text(report)), name)


def _load(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        message = f"'{path}' cannot be read: {error.strerror}; give a results.json or a baseline"
        raise ResultsError(message) from error
    except UnicodeDecodeError as error:
        message = f"'{path}' is not text; give a report's results.json or a baseline"
        raise ResultsError(message) from error
    if not text.strip():
        message = f"'{path}' is empty; give a report's results.json or a baseline"
        raise ResultsError(message)
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        torn = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
        said = "ends in the middle: it was cut off, or is still being written" if torn else "is not"
        message = f"'{path}' {said}{'' if torn else f' JSON ({error})'}; run again to write it anew"
        raise ResultsError(message) from error
    if not isinstance(document, dict):
        message = f"'{path}' is JSON, but not a report's results.json: it holds no table"
        raise ResultsError(message)
    return document


def _check_format(name: str, kind: str, found: object, known: int) -> None:
    if found != known:
        message = (
            f"'{name}' is a {kind} of format {found!r}; this parity reads format {known}: "
            "write it again with this version, or read it with the version that wrote it"
        )
        raise ResultsError(message)


def _built(name: str, build: Callable[[], T]) -> T:
    try:
        return build()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else f"does not fit: {error}"
        message = f"'{name}' begins like a file of parity, but {what}; run again to write it anew"
        raise ResultsError(message) from error


def _snapshot(document: Mapping[str, Any], name: str) -> Snapshot:
    used = {result["tolerance"] for result in document["results"]}
    stated = document.get("tolerances")
    known = load_tolerances()
    tolerances = (
        {key: known[key] for key in used}
        if stated is None
        else {key: Tolerance(**stated[key]) for key in used}
    )
    data = document.get("data", {})
    entries = [_entry(result, data) for result in document["results"]]
    return Snapshot(
        name=name,
        oracle=document["oracle"],
        implementation=document["implementation"],
        python=document["environment"]["python"],
        r=document["environment"]["r"],
        tolerances=tolerances,
        entries={entry.id: entry for entry in entries},
        dead=tuple(document["deviations_without_cases"]),
    )


def _entry(result: Mapping[str, Any], data: Mapping[str, str]) -> Entry:
    model = result["request"]["model"]
    return Entry(
        id=result["id"],
        verdict=Verdict(result["verdict"]),
        tolerance=result["tolerance"],
        asked=fingerprint(result["request"], None if model is None else data.get(model["data"])),
        digits=_digits(result["comparison"]),
        reason=result["reason"],
        deviation=result["deviation"],
        expected=_value(result["expected"]),
        observed=_value(result["observed"]),
    )


def _digits(comparison: Mapping[str, Any] | None) -> float | None:
    """Return digits of agreement; none where shapes or names forbade to compare."""
    if comparison is None or comparison["worst"] is None:
        return None
    return float(comparison["digits"])


def _value(document: Mapping[str, Any] | None) -> Value | None:
    return None if document is None else Value.from_json(document)
