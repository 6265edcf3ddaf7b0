"""The recorded references, each against the hash of its manifest."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from parity.oracles.manifest import Manifest
from parity.validation.distributions import InstalledFile


@dataclass(frozen=True)
class ReferenceFiles:
    """What lies in the folder of recorded references.

    Attributes
    ----------
    manifest
        sha256 of the manifest itself.
    """

    recorded: str
    manifest: str
    files: tuple[InstalledFile, ...]

    @property
    def wrong(self) -> tuple[InstalledFile, ...]:
        """Files that are not what was recorded."""
        return tuple(f for f in self.files if f.state != "as recorded")

    @property
    def state(self) -> str:
        """The finding in a word or two."""
        return f"ALTERED: {len(self.wrong)} files" if self.wrong else "as recorded"


def check_references(folder: Path) -> ReferenceFiles:
    """Hash every recorded file and compare with the manifest."""
    manifest = Manifest.read(folder)
    files = []
    for name, expected in sorted(manifest.files.items()):
        path = folder / name
        if not path.is_file():
            files.append(InstalledFile(name, 0, "", "missing"))
            continue
        content = path.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        state = "as recorded" if found == expected else "altered"
        files.append(InstalledFile(name, len(content), found, state))
    for path in sorted(folder.glob("*")):
        if path.name not in manifest.files and path.name != "manifest.json":
            content = path.read_bytes()
            files.append(
                InstalledFile(path.name, len(content), hashlib.sha256(content).hexdigest(), "added")
            )
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    return ReferenceFiles(manifest.recorded, digest, tuple(files))
