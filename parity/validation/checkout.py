"""A checkout: which commit, whether it was changed since, file by file."""

import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from parity.validation.distributions import InstalledFile

FOLDERS = ("pybootmlm", "parity", "r_reference")
_LEFT_OUT = {"__pycache__"}


@dataclass(frozen=True)
class Checkout:
    """The state of a working copy.

    Attributes
    ----------
    commit
        Full id, or why there is none.
    known
        Whether version control could be asked.
    changes
        What ``git status`` lists.
    """

    commit: str
    known: bool
    changes: tuple[str, ...]
    files: tuple[InstalledFile, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing differs from the commit."""
        return self.known and not self.changes

    @property
    def described(self) -> str:
        """Commit and state, for a reader."""
        if not self.known:
            return f"no commit is known: {self.commit}"
        return f"commit {self.commit[:12]}, {'clean' if self.clean else 'changed since'}"

    @property
    def state(self) -> str:
        """The finding in words."""
        if not self.known:
            return f"cannot be said: {self.commit}"
        if self.clean:
            return "as committed: the working tree is clean"
        return f"open: {len(self.changes)} uncommitted changes"


def check_checkout(root: Path, folders: tuple[str, ...] = FOLDERS) -> Checkout:
    """Hash the files of a checkout and compare each with what was committed."""
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        changes = tuple(_git(root, "status", "--porcelain").splitlines())
        committed = dict(_committed(root, folders))
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        files = tuple(_files(root, folders, None))
        return Checkout(str(said).strip().splitlines()[-1], False, (), files)
    return Checkout(commit, True, changes, tuple(_files(root, folders, committed)))


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def _committed(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for line in _git(root, "ls-tree", "-r", "-z", "HEAD", *folders).split("\0"):
        if line:
            what, _, name = line.partition("\t")
            yield name, what.split()[2]


def _files(
    root: Path, folders: tuple[str, ...], committed: Mapping[str, str] | None
) -> Iterator[InstalledFile]:
    seen = set()
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if not path.is_file() or _LEFT_OUT & set(path.parts):
                continue
            name, content = path.relative_to(root).as_posix(), path.read_bytes()
            seen.add(name)
            state = _state(content, name, committed)
            yield InstalledFile(name, len(content), hashlib.sha256(content).hexdigest(), state)
    for name in sorted(set(committed or ()) - seen):
        yield InstalledFile(name, 0, "", "missing")


def _state(content: bytes, name: str, committed: Mapping[str, str] | None) -> str:
    if committed is None:
        return "cannot be said"
    if name not in committed:
        return "added"
    # How git names the content of a file.
    blob = hashlib.new("sha1", b"blob %d\0" % len(content) + content, usedforsecurity=False)
    same = committed[name] in (blob.hexdigest(), _sha256_blob(content))
    return "as committed" if same else "altered"


def _sha256_blob(content: bytes) -> str:
    return hashlib.sha256(b"blob %d\0" % len(content) + content).hexdigest()
