"""Ask live R every case and keep what it says."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.data import data_digest
from parity.errors import OracleError, ParityError, WorkerError
from parity.frames import Frames
from parity.oracles import Oracle
from parity.oracles.manifest import Manifest, recorded_name
from parity.probes import probe_of
from parity.versions import in_range
from parity.writing import write_together


def record(
    cases: Sequence[Case],
    oracle: Oracle,
    folder: Path,
    progress: Callable[[Case], None] = lambda _case: None,
    keep: Manifest | None = None,
    frames: Frames | None = None,
) -> tuple[Manifest, list[str]]:
    """Record cases, a file a model, and the manifest that vouches for them.

    What R refuses is recorded as its refusal. With `keep`, the files of that manifest which
    hold none of the cases stay as they are. All is written at the end, or nothing is: whatever
    happens before, an earlier record stays as it was. Files that the earlier manifest does not
    name are not touched.

    Returns
    -------
    Manifest
        As written.
    list of str
        The ids of the cases for which R gave an error.

    Raises
    ------
    WorkerError
        If R dies or keeps silent: that is not its answer, and nothing is recorded.
    """
    frames = Frames() if frames is None else frames
    environment = dict(oracle.environment())
    by_file: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_file[recorded_name(case)].append(case)
    refused: list[str] = []
    texts: dict[str, str] = {}
    for name, group in sorted(by_file.items()):
        answers: dict[str, Any] = {}
        for case in group:
            progress(case)
            answers[case.id] = {"digest": case.digest, **_ask(oracle, case)}
            if answers[case.id]["status"] != "ok":
                refused.append(case.id)
        model = group[0].model
        digest = None if model is None else data_digest(frames.of(model))
        texts[name] = _file_text(digest, answers)
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    if keep is None:
        manifest = Manifest(today, environment, hashes)
    else:
        manifest = keep.with_files(today, environment, hashes)
    texts["manifest.json"] = manifest.to_text()
    write_together(folder, texts, gone=_recorded_before(folder) - set(manifest.files))
    return manifest, refused


def _ask(oracle: Oracle, case: Case) -> dict[str, Any]:
    try:
        # Of replicates every one is judged; of other long values a sample and two sums.
        whole = probe_of(case.quantity).judge == "replicates"
        return oracle.answer(case).to_json(whole=whole)
    except WorkerError as error:
        message = f"nothing was recorded, because R gave no answer to '{case.id}': {error}"
        raise WorkerError(message) from error
    except OracleError as error:
        return {"status": "error", "error": str(error)}


def _recorded_before(folder: Path) -> set[str]:
    """Names that the folder's manifest vouches for, so far as it can be read."""
    try:
        files = Manifest.read(folder).files
    except (ParityError, ValueError, TypeError):
        return set()
    return {name for name in files if name == Path(name).name}  # nothing outside the folder


def _file_text(data: str | None, answers: dict[str, Any]) -> str:
    lines = [
        f"    {json.dumps(name, ensure_ascii=False)}: "
        f"{json.dumps(entry, ensure_ascii=False, separators=(',', ':'))}"
        for name, entry in answers.items()
    ]
    body = ",\n".join(lines)
    return f'{{\n  "data": {json.dumps(data)},\n  "answers": {{\n{body}\n  }}\n}}\n'


def refits_wrongly(case: Case, environment: Mapping[str, str]) -> bool:
    """Say whether this lme4 answers a bootstrap with refits of another criterion."""
    return (
        case.quantity in ("boot_mer", "bootstrap_mer")
        and case.model is not None
        and case.model.reml
        and in_range(environment["lme4"], "<1.1.33")
    )
