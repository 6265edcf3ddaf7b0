"""The manifest of recorded references: under what they were recorded, and their hashes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.errors import RecordedError

_AGAIN = "record again with `parity record` on a machine with R and bootmlm"


@dataclass(frozen=True)
class Manifest:
    """What was recorded, when, and under which versions.

    Attributes
    ----------
    environment
        Versions of R and its packages, RNG kinds, platform.
    files
        sha256 of every recorded file.
    """

    recorded: str
    environment: Mapping[str, str]
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read ``manifest.json`` of a folder of recorded references."""
        path = folder / "manifest.json"
        if not path.is_file():
            message = f"there are no recorded references ({path.name} is missing); {_AGAIN}"
            raise RecordedError(message)
        return cls(**json.loads(path.read_text("utf-8")))

    def to_text(self) -> str:
        """Write the manifest as it is stored."""
        fields = {
            "recorded": self.recorded,
            "environment": dict(self.environment),
            "files": dict(sorted(self.files.items())),
        }
        return json.dumps(fields, indent=2) + "\n"

    def load(self, folder: Path, name: str) -> dict[str, Any]:
        """Read one recorded file, after its bytes have been checked."""
        path = folder / name
        if name not in self.files or not path.is_file():
            message = f"no recorded reference '{name}'; {_AGAIN}"
            raise RecordedError(message)
        content = path.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != self.files[name]:
            message = (
                f"recorded reference '{name}' is not the file that was recorded: its sha256 is "
                f"{found[:16]}..., the manifest says {self.files[name][:16]}...; restore it from "
                f"version control, or {_AGAIN}"
            )
            raise RecordedError(message)
        document: dict[str, Any] = json.loads(content, parse_int=float)
        return document


def recorded_name(case: Case) -> str:
    """Name of the file that holds a case's answer: one file a model."""
    if case.model is None:
        return "numbers.json"
    return case.model.id.replace("/", ".") + ".json"
