"""The manifest of recorded references: under what they were recorded, and their hashes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.errors import RecordedError
from parity.probes import probe_of

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
    elsewhere
        Files that were recorded under another R, each group with its date and environment.
    """

    recorded: str
    environment: Mapping[str, str]
    files: Mapping[str, str]
    elsewhere: Sequence[Mapping[str, Any]] = ()

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
        fields: dict[str, Any] = {
            "recorded": self.recorded,
            "environment": dict(self.environment),
            "files": dict(sorted(self.files.items())),
        }
        if self.elsewhere:
            fields["elsewhere"] = list(self.elsewhere)
        return json.dumps(fields, indent=2) + "\n"

    def with_files(
        self, recorded: str, environment: Mapping[str, str], files: Mapping[str, str]
    ) -> "Manifest":
        """Return the manifest with some files recorded anew, under their own environment."""
        groups = []
        for group in self.elsewhere:
            names = sorted(set(group["files"]) - set(files))
            if names:
                groups.append({**group, "files": names})
        if dict(environment) != dict(self.environment):
            same = [group for group in groups if group["environment"] == dict(environment)]
            groups = [group for group in groups if group not in same]
            names = sorted({*files, *(name for group in same for name in group["files"])})
            groups.append({"recorded": recorded, "environment": dict(environment), "files": names})
        return Manifest(self.recorded, self.environment, {**self.files, **files}, tuple(groups))

    def environment_of(self, name: str) -> Mapping[str, str]:
        """Return the versions under which one file was recorded."""
        for group in self.elsewhere:
            if name in group["files"]:
                environment: Mapping[str, str] = group["environment"]
                return environment
        return self.environment

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
    """Name of the file that holds a case's answer: one a model and kind of quantity."""
    kind = probe_of(case.quantity).record
    if case.model is None:
        return f"{kind or 'numbers'}.json"
    parts = [case.model.id.replace("/", "."), kind, "json"]
    return ".".join(part for part in parts if part)
