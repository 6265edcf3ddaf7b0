"""R's answers about a user's own models, kept in a folder: for a machine without R."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.cases.own import CHOSEN, OwnCases, OwnModel
from parity.data import data_digest
from parity.errors import MissingPackageError, OracleError, RecordedError, WorkerError
from parity.frames import Frames
from parity.oracles import Oracle
from parity.oracles.asked import SparingOracle
from parity.oracles.manifest import Manifest
from parity.oracles.recorded import RecordedOracle
from parity.oracles.remembering import RememberingOracle
from parity.recorder import record
from parity.referee.witness import witness_cases
from parity.writing import write_whole

QUESTION = "question.json"
_MANIFEST = "manifest.json"
_AGAIN = "make it again with `parity check --save-reference DIR` on a machine with R"


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but a reference: files in it would be overwritten.

    Raises
    ------
    RecordedError
        The folder is a file, or holds other files.
    """
    if folder.exists() and not folder.is_dir():
        message = f"the reference cannot be kept in '{folder}': it is a file, not a folder"
        raise RecordedError(message)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / QUESTION).is_file():
        message = (
            f"the reference cannot be kept in '{folder}': the folder holds other files; give a "
            "new folder, or one with a reference, which is replaced"
        )
        raise RecordedError(message)


def save_reference(
    folder: Path,
    models: Sequence[OwnModel],
    asked: OwnCases,
    oracle: Oracle,
    frames: Frames,
    watch: Callable[[Case], None] = lambda _case: None,
) -> Manifest:
    """Ask R every case once and keep its answers, with the question that they answer.

    The referee's witnesses of every model are kept too: where a later pybootmlm differs, they say
    without R who is right. They do not hold the data.

    Parameters
    ----------
    folder
        New or empty, or one with a reference, which is replaced.
    models
        The models of the cases, with their data.
    asked
        The cases, and why some are not put to R.
    oracle
        Live R.
    frames
        The data of the models, as the oracle has them.
    watch
        Sees each case before its turn.
    """
    check_folder(folder)
    oracle = RememberingOracle(oracle)
    reasons = dict(asked.not_asked)
    cases = []
    for case in asked.cases:
        if case.id in reasons:
            continue
        watch(case)
        lack = _no_answer(oracle, case)
        if lack:
            reasons[case.id] = lack
        else:
            cases.append(case)
    witnesses = [case for own in models for case in witness_cases(own.model, whole=0)]
    heard = [case for case in witnesses if not _no_answer(oracle, case)]
    manifest, _ = record([*cases, *heard], oracle, folder, frames=frames)
    text = json.dumps(_question(models, cases, reasons), indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / QUESTION, text)
    files = {**manifest.files, QUESTION: hashlib.sha256(text.encode()).hexdigest()}
    manifest = replace(manifest, files=files)
    write_whole(folder / _MANIFEST, manifest.to_text())
    return manifest


def _no_answer(oracle: Oracle, case: Case) -> str:
    """Say why R cannot be asked a case; what it answers, refusals too, the oracle remembers."""
    try:
        oracle.answer(case)
    except (MissingPackageError, WorkerError) as error:
        return str(error) or type(error).__name__
    except OracleError:
        pass
    return ""


def open_reference(
    folder: Path, models: Sequence[OwnModel], asked: OwnCases, frames: Frames
) -> Oracle:
    """Return the oracle that answers from a folder, after it has been held to the question.

    Raises
    ------
    RecordedError
        There is no reference; a file was altered or is missing; or it answers another question:
        other data, another formula, other options.
    """
    question = _verified(folder)
    known, cases = question["models"], question["cases"]
    for own in models:
        _check_model(folder, own, known)
    reasons = {**question["not_asked"], **asked.not_asked}
    absent = []
    for case in asked.cases:
        if case.id in reasons:
            continue
        if case.id not in cases and case.quantity in CHOSEN:
            absent.append(case.id)
        elif case.id not in cases:
            reasons[case.id] = (
                f"not in the reference: pybootmlm {question['pybootmlm']}, which made it, "
                "did not ask for this"
            )
        elif cases[case.id] != _described(case):
            message = (
                f"the reference in '{folder}' was made with other options: '{case.id}' was asked "
                f"with {cases[case.id]['inputs']}, and is now asked with "
                f"{_described(case)['inputs']}; give the same options, or {_AGAIN}"
            )
            raise RecordedError(message)
    if absent:
        message = (
            f"the reference in '{folder}' does not hold '{absent[0]}'"
            f"{f' and {len(absent) - 1} more' if len(absent) > 1 else ''}; leave the option out "
            f"that asks for it, or {_AGAIN}"
        )
        raise RecordedError(message)
    return SparingOracle(RecordedOracle(folder, frames), reasons)


def _verified(folder: Path) -> Mapping[str, Any]:
    """Read the question of a reference, every file of which is as it was written."""
    if not (folder / _MANIFEST).is_file():
        message = f"there is no reference in '{folder}' ({_MANIFEST} is missing); {_AGAIN}"
        raise RecordedError(message)
    try:
        manifest = Manifest.read(folder)
    except (ValueError, TypeError) as error:
        message = f"'{folder / _MANIFEST}' is not a manifest that parity wrote ({error}); {_AGAIN}"
        raise RecordedError(message) from error
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file():
            message = f"the reference in '{folder}' lacks its file '{name}'; {_AGAIN}"
            raise RecordedError(message)
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            message = (
                f"'{path}' was altered after it was saved: its sha256 is not the manifest's; "
                f"take it from where it was kept, or {_AGAIN}"
            )
            raise RecordedError(message)
    if QUESTION not in manifest.files:
        message = f"the references in '{folder}' are not those of `parity check`: no {QUESTION}"
        raise RecordedError(message)
    question: dict[str, Any] = json.loads((folder / QUESTION).read_text("utf-8"))
    return question


def _check_model(folder: Path, own: OwnModel, known: Mapping[str, Mapping[str, Any]]) -> None:
    asked = _identity(own)
    if own.model.id not in known:
        message = (
            f"the reference in '{folder}' is of the models {', '.join(known)}, not of "
            f"'{own.model.id}'; {_AGAIN}"
        )
        raise RecordedError(message)
    kept = known[own.model.id]
    for field, value in asked.items():
        if kept.get(field) == value:
            continue
        shown = f"was made for {field} {kept.get(field)!r}, and is asked for {value!r}"
        if field == "data":
            shown = (
                f"was made for other data: {kept.get('rows')} rows with fingerprint "
                f"{kept.get(field)}, and {own.rows} rows with {value} are given"
            )
        message = f"the reference in '{folder}' {shown}; {_AGAIN}"
        raise RecordedError(message)


def _identity(own: OwnModel) -> dict[str, Any]:
    """Say what a reference holds for."""
    model = own.model
    return {
        "formula": model.formula,
        "method": model.method,
        "weights": model.weights,
        "offset": model.offset,
        "data": data_digest(own.frame),
    }


def _question(
    models: Sequence[OwnModel], cases: Sequence[Case], reasons: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "pybootmlm": version("pybootmlm"),
        "models": {own.model.id: {**_identity(own), "rows": own.rows} for own in models},
        "cases": {case.id: _described(case) for case in cases},
        "not_asked": dict(reasons),
    }


def _described(case: Case) -> dict[str, Any]:
    """Write a case as JSON reads it back."""
    asked = case.request()
    described = {"quantity": case.quantity, "inputs": asked["inputs"]}
    again: dict[str, Any] = json.loads(json.dumps(described))
    return again
