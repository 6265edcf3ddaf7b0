"""What R said of the examples when it was asked: by version, with the date and a checksum."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parity.errors import RecordedError
from parity.paths import r_reference_folder
from parity.shown.example import Example
from parity.shown.in_r import RunInR
from parity.shown.said import Shown
from parity.writing import write_whole

_AGAIN = "record again with `parity deviations --record` on a machine with R and bootmlm"


@dataclass(frozen=True)
class RecordedRun:
    """The examples as one R answered them.

    Attributes
    ----------
    recorded
        Date, UTC.
    environment
        Versions of R and its packages, platform.
    codes
        By id, the fingerprint of the code that was run.
    shown
        By id, what R said of it.
    """

    recorded: str
    environment: Mapping[str, str]
    codes: Mapping[str, str]
    shown: Mapping[str, Shown]

    def of(self, name: str, example: Example) -> Shown | None:
        """Return what R said of an example; None if it was not run, or with other code."""
        return self.shown.get(name) if self.codes.get(name) == fingerprint(example) else None

    @property
    def described(self) -> str:
        """R and those of its packages that matter here."""
        names = [name for name in ("lme4", "bootmlm", "Matrix") if name in self.environment]
        versions = ", ".join(f"{name} {self.environment[name]}" for name in names)
        return f"R {self.environment['R']} with {versions}"

    def to_json(self) -> dict[str, Any]:
        """Write the run as it is stored."""
        return {
            "recorded": self.recorded,
            "environment": dict(self.environment),
            "examples": {
                name: {"code": self.codes[name], **self.shown[name].to_json()}
                for name in sorted(self.shown)
            },
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "RecordedRun":
        """Read what `to_json` writes."""
        examples = document["examples"]
        return cls(
            document["recorded"],
            document["environment"],
            {name: example["code"] for name, example in examples.items()},
            {name: Shown.from_json(example) for name, example in examples.items()},
        )


def fingerprint(example: Example) -> str:
    """Return a fingerprint of an example's R code."""
    return hashlib.sha256("\0".join(example.code).encode()).hexdigest()[:16]


def recorded_path() -> Path:
    """Return the file of the records."""
    return r_reference_folder() / "deviations.json"


def read_runs(path: Path | None = None) -> tuple[RecordedRun, ...]:
    """Read the records, the oldest R first.

    Raises
    ------
    RecordedError
        The file is missing, or not the one that was written.
    """
    path = recorded_path() if path is None else path
    if not path.is_file():
        message = f"there is no record of the deviations ({path.name} is missing); {_AGAIN}"
        raise RecordedError(message)
    document = json.loads(path.read_text("utf-8"))
    if document["sha256"] != _digest(document["runs"]):
        message = f"{path.name} is not the file that was recorded; restore it, or {_AGAIN}"
        raise RecordedError(message)
    return tuple(RecordedRun.from_json(run) for run in document["runs"])


def write_run(run: RunInR, examples: Mapping[str, Example], path: Path | None = None) -> Path:
    """Keep what an R said, in the place of an earlier run under the same versions."""
    path = recorded_path() if path is None else path
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    codes = {name: fingerprint(examples[name]) for name in run.shown}
    new = RecordedRun(today, run.environment, codes, run.shown)
    kept = [] if not path.is_file() else [one for one in read_runs(path) if not _same(one, new)]
    runs = [one.to_json() for one in sorted([*kept, new], key=lambda one: one.described)]
    document = {"runs": runs, "sha256": _digest(runs)}
    write_whole(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


def _same(one: RecordedRun, other: RecordedRun) -> bool:
    return one.described == other.described


def _digest(runs: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(runs, sort_keys=True).encode()).hexdigest()
