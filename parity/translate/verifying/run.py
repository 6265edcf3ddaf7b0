"""Run both scripts, statement by statement, and compare."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parity.bridge.literals import literal
from parity.errors import TranslationError
from parity.tolerances import load_tolerances
from parity.translate.r_process import ask_r, long_text
from parity.translate.rules.joining import MERGED
from parity.translate.translation import Piece, Status, Translation
from parity.translate.verifying.bootstraps import wrong_refits
from parity.translate.verifying.hints import known_deviation
from parity.translate.verifying.judge import Rules, judge, same_rows
from parity.translate.verifying.outcome import Item, Line, Verification
from parity.verdict import Verdict

MARK = "\x02"
_PLAIN = ("load_dataset", "RStream")  # of pybootmlm, what involves no optimum
_SOURCES = ("encode", "environment", "verify_script")


@dataclass(frozen=True)
class Setting:
    """How both scripts are run.

    Attributes
    ----------
    folder
        Where they are run: paths in them are relative to it.
    rscript
        What starts Rscript.
    timeout
        Seconds that each script may take.
    data
        Files that stand for what the scripts read: a path or address in them, and the file.
    """

    folder: Path | None = None
    rscript: str | None = None
    timeout: float = 600.0
    data: Mapping[str, str] | None = None


def verify(translation: Translation, setting: Setting | None = None) -> Verification:
    """Run the R script and the Python script; compare what every statement sets and shows.

    Raises
    ------
    RUnavailableError, OracleError
        There is no R, or it does not get to the end in time.
    TranslationError
        The Python script does not get to the end in time.
    """
    (found,) = verify_all([translation], setting)
    return found


def verify_all(
    translations: Sequence[Translation], setting: Setting | None = None
) -> list[Verification]:
    """Verify several scripts in one R and one Python, each from an empty workspace."""
    how = setting or Setting()
    theirs, versions = run_r(translations, how)
    ours = run_python(translations, how, [{} for _ in translations])
    rules = Rules(load_tolerances(), versions)
    pairs = list(zip(translations, theirs, strict=True))
    found = [
        _judged(translation, left, right, rules)
        for (translation, left), right in zip(pairs, ours, strict=True)
    ]
    thetas = [_thetas_of_r(lines, left) for lines, left in zip(found, theirs, strict=True)]
    found = _again(found, pairs, thetas, _from_theta, how, rules)
    replicates = [
        _replicates_of_r(lines, left) if any(x.verdict is Verdict.MISMATCH for x in lines) else {}
        for lines, left in zip(found, theirs, strict=True)
    ]
    found = _again(found, pairs, replicates, _with_replicates, how, rules)
    return [
        Verification(translation, tuple(lines), versions, tuple(_notes(translation, how)))
        for translation, lines in zip(translations, found, strict=True)
    ]


def _again(
    found: list[list[Line]],
    pairs: Sequence[tuple[Translation, Sequence[Mapping[str, Any]]]],
    given: Sequence[Mapping[str, Any]],
    merge: Callable[[Sequence[Line], Sequence[Line], Mapping[str, Any]], list[Line]],
    how: Setting,
    rules: Rules,
) -> list[list[Line]]:
    """Run the scripts for which something of R's is `given` once more with it, in one Python."""
    chosen = [i for i, one in enumerate(given) if one]
    if not chosen:
        return found
    ours = run_python([pairs[i][0] for i in chosen], how, [given[i] for i in chosen])
    result = list(found)
    for i, right in zip(chosen, ours, strict=True):
        translation, left = pairs[i]
        result[i] = merge(found[i], _judged(translation, left, right, rules), given[i])
    return result


def _notes(translation: Translation, how: Setting) -> list[str]:
    notes = []
    if translation.seed_added is not None:
        notes.append(
            "the script draws before it sets a seed: R was started from "
            f"set.seed({translation.seed_added}) there"
        )
    notes += [f"'{name}' was read from {path}" for name, path in (how.data or {}).items()]
    return notes


# --- running


def run_r(
    translations: Sequence[Translation], how: Setting
) -> tuple[list[list[dict[str, Any]]], Mapping[str, str]]:
    """What R says of every statement of every script, and its versions."""
    program = "reference_settings()\n"
    for translation in translations:
        text = _with_files(translation.r_text, how.data)
        asked = [
            {"sets": _texts([r for r, _ in piece.sets]), "shows": piece.shows}
            for piece in translation.pieces
        ]
        program += (
            f"run_script({long_text(text)}, {_listed(asked)}, {_seed_before(translation)}L)\n"
        )
    found = ask_r(_SOURCES, program, command=how.rscript, timeout=how.timeout, folder=how.folder)
    versions = found[-1].get("environment", {})
    missing = {"error": "R ended before this statement"}
    answers: list[list[dict[str, Any]]] = [[]]
    for line in found:
        if "environment" in line:
            answers.append([])
        else:
            answers[-1].append(line)
    answers += [[] for _ in translations]
    return [
        lines + [missing] * (len(translation.pieces) - len(lines))
        for translation, lines in zip(translations, answers, strict=False)
    ], versions


def _seed_before(translation: Translation) -> int:
    """The statement, from 1, before which R needs the seed that the script does not set; or 0."""
    line = f"rng = bm.RStream({translation.seed_added})"
    seeds = [i for i, piece in enumerate(translation.pieces) if line in piece.python]
    return seeds[0] + 1 if translation.seed_added is not None and seeds else 0


def _texts(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _listed(asked: Sequence[Mapping[str, Any]]) -> str:
    return f"list({','.join(literal(one) for one in asked)})"


def _with_files(text: str, data: Mapping[str, str] | None) -> str:
    """The text, with other files for what it reads; only whole quoted texts are replaced."""
    for name, path in (data or {}).items():
        for quote in "\"'":
            text = text.replace(f"{quote}{name}{quote}", json.dumps(str(path)))
    return text


def run_python(
    translations: Sequence[Translation],
    how: Setting,
    replicates: Sequence[Mapping[str, Any]],
) -> list[list[dict[str, Any]]]:
    """What Python says of every piece; with R's replicates in place of its own, where given."""
    scripts = [
        {"text": _with_files(translation.python, how.data), "replicates": dict(given),
         "pieces": [
             {"end_at": end, "sets": _texts([p for _, p in piece.sets]), "shows": piece.shows}
             for piece, end in zip(translation.pieces, _ends(translation.pieces), strict=True)
         ]}
        for translation, given in zip(translations, replicates, strict=True)
    ]  # fmt: skip
    package = Path(__file__).resolve().parents[3]
    path = os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(package)]).lstrip(os.pathsep)
    environment = {**os.environ, "PYTHONPATH": path, "MPLBACKEND": "Agg"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "parity.translate.verifying.python_side"],
            input=json.dumps(scripts), capture_output=True, text=True, encoding="utf-8",
            env=environment, timeout=how.timeout, check=False, cwd=how.folder,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        message = f"the Python script was not done within {how.timeout:g} s; raise `--timeout`"
        raise TranslationError(message) from error
    found: list[dict[str, Any]] = [
        json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith(MARK)
    ]
    said = done.stderr.strip().splitlines()
    if not found and any(translation.pieces for translation in translations):
        message = f"Python could not be started: {said[-1] if said else 'it gave no reason'}"
        raise TranslationError(message)
    missing = {"error": f"Python ended before this statement: {said[-1] if said else ''}"}
    answers = [[line for line in found if line["script"] == i] for i in range(len(scripts))]
    return [
        lines + [missing] * (len(translation.pieces) - len(lines))
        for translation, lines in zip(translations, answers, strict=True)
    ]


def _ends(pieces: Sequence[Piece]) -> list[int]:
    """The last line of each piece in the Python text; a piece without code ends where one did."""
    ends, last = [], 0
    for piece in pieces:
        last = max(last, piece.end_at)
        ends.append(last)
    return ends


# --- comparing


def _judged(
    translation: Translation, theirs: Sequence[Mapping[str, Any]],
    ours: Sequence[Mapping[str, Any]], rules: Rules,
) -> list[Line]:  # fmt: skip
    tolerances = tolerance_names(translation)
    return [
        Line(piece, tuple(_items(piece, left, right, tolerance, rules)))
        for piece, left, right, tolerance in zip(
            translation.pieces, theirs, ours, tolerances, strict=True
        )
    ]


def _items(
    piece: Piece, left: Mapping[str, Any], right: Mapping[str, Any], tolerance: str, rules: Rules
) -> list[Item]:
    if piece.status is not Status.TRANSLATED:
        # A library() that fails takes all that follows with it.
        stopped = piece.status is Status.OMITTED and "error" in left
        return [Item("", Verdict.R_ERROR, str(left["error"]), 0.0)] if stopped else []
    if "error" in left and "error" in right:
        both = f"both stop: R with '{left['error']}', Python with '{right['error']}'"
        return [Item("", Verdict.R_ERROR, both, 0.0)]
    if "error" in left:
        return [Item("", Verdict.R_ERROR, str(left["error"]), 0.0)]
    if "error" in right:
        return [Item("", Verdict.PYTHON_ERROR, str(right["error"]), 0.0)]
    found = []
    for r, python in dict(piece.sets).items():
        theirs, ours = left["values"][r], right["values"][python]
        item = judge(r, theirs, ours, tolerance, rules)
        if item.verdict is Verdict.MISMATCH and MERGED in piece.remarks and same_rows(theirs, ours):
            item = replace(item, verdict=Verdict.EXPLAINED, reason=f"the same rows: {MERGED}")
        found.append(_of_a_refit(item, theirs, piece, rules))
    hint = known_deviation(piece.r_code)
    if piece.shows and left["shown"] is not None and right["shown"] is not None:
        found.append(judge("shown", left["shown"], right["shown"], tolerance, rules))
    if hint:
        found = [
            replace(i, reason=f"{i.reason} ({hint})") if i.verdict is Verdict.MISMATCH else i
            for i in found
        ]
    # Functions, pictures and what else has no value to compare are not worth a line.
    silent = "is not compared"
    return [i for i in found if not (i.verdict is Verdict.NOT_RUN and i.reason.endswith(silent))]


def _of_a_refit(item: Item, theirs: Mapping[str, Any], piece: Piece, rules: Rules) -> Item:
    """A REML refit of an R that counts its degrees of freedom wrongly is no evidence."""
    if item.verdict is Verdict.MATCH or theirs["type"] != "fit" or "refit(" not in piece.r_code:
        return item
    about = [theirs["reml"]["data"][0], len(theirs["fixef"]["data"]), 1.0]
    refusal = wrong_refits(about, rules.versions)
    return replace(item, verdict=Verdict.NOT_RUN, reason=refusal) if refusal else item


def tolerance_names(translation: Translation) -> list[str]:
    """The tolerance of each piece: the tight one until a fit is involved."""
    tree = ast.parse(translation.python)
    touched: set[str] = set()
    found: list[str] = []
    done = 0
    for end in _ends(translation.pieces):
        statements = [s for s in tree.body[done:] if s.lineno <= end]
        done += len(statements)
        names = {"deterministic"}
        for statement in statements:
            if isinstance(statement, ast.FunctionDef):
                continue
            kind = _kind(statement, touched)
            names.add(kind)
            if kind != "deterministic":
                names_in = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
                touched |= {n.id for n in names_in if isinstance(n.ctx, ast.Store)}
        loosest = ("influence", "replicates", "deterministic")
        found.append(next(name for name in loosest if name in names))
    return found


def _kind(statement: ast.stmt, touched: set[str]) -> str:
    called = {
        node.attr for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        and node.value.id == "bm" and node.attr not in _PLAIN
    }  # fmt: skip
    if any(name.startswith("empinf") for name in called):
        return "influence"
    used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    return "replicates" if called or used & touched else "deterministic"


def _thetas_of_r(
    lines: Sequence[Line], theirs: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """R's theta for bootstraps that differ: a theta a little apart gives other responses."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, (line, left) in enumerate(zip(lines, theirs, strict=True)):
        for name, said in left.get("values", {}).items():
            differs = any(i.name == name and i.verdict is Verdict.MISMATCH for i in line.items)
            if said["type"] == "boot" and "theta" in said and differs:
                found[str(number)] = {"theta": said["theta"]}
    return found


def _from_theta(
    lines: Sequence[Line], again: Sequence[Line], thetas: Mapping[str, Any]
) -> list[Line]:
    """The bootstraps as they are judged when both sides start from R's theta."""
    result = list(lines)
    for number in map(int, thetas):
        items = tuple(
            replace(new, reason=f"from R's theta: {new.reason}")
            if old.verdict is Verdict.MISMATCH and not new.verdict.fails
            else old
            for old, new in zip(lines[number].items, again[number].items, strict=False)
        )
        items = tuple(
            replace(i, verdict=Verdict.EXPLAINED) if i.reason.startswith("from R's theta") else i
            for i in items
        )
        result[number] = replace(lines[number], items=items)
    return result


def _replicates_of_r(
    lines: Sequence[Line], theirs: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """R's replicates where they differ from ours for a reason, by statement."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, (line, left) in enumerate(zip(lines, theirs, strict=True)):
        for name, said in left.get("values", {}).items():
            differs = [i for i in line.items if i.name == name and i.verdict is not Verdict.MATCH
                       and i.verdict is not Verdict.MISMATCH]  # fmt: skip
            if said["type"] == "boot" and differs:
                found[str(number)] = said
    return found


def _with_replicates(
    lines: Sequence[Line], again: Sequence[Line], replicates: Mapping[str, Any]
) -> list[Line]:
    """What agrees once both sides start from R's replicates differs through these alone."""
    statements = ", ".join(str(lines[int(n)].piece.line) for n in replicates)
    result = []
    for line, second in zip(lines, again, strict=True):
        items = []
        for item, other in zip(line.items, second.items, strict=False):
            if item.verdict is Verdict.MISMATCH and other.verdict is Verdict.MATCH:
                reason = f"with R's replicates (line {statements}): {other.digits:.1f} digits agree"
                items.append(replace(other, verdict=Verdict.EXPLAINED, reason=reason))
            else:
                items.append(item)
        result.append(replace(line, items=tuple(items)))
    return result
