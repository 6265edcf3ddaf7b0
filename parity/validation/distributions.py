"""Installed distributions, file by file, against the hashes their installer recorded."""

import base64
import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

ROOT = "pybootmlm"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class InstalledFile:
    """A file and what is known of it.

    Attributes
    ----------
    sha256
        Of the file as it is; empty if it is missing.
    state
        "as recorded", "altered", "missing", "added", or "no hash" where none was recorded.
    """

    path: str
    size: int
    sha256: str
    state: str


@dataclass(frozen=True)
class DistributionState:
    """One installed distribution.

    Attributes
    ----------
    record
        sha256 of the recorded hashes of all files that were shipped.
    files
        Its files; empty if they were not looked at one by one.
    editable
        Whether it stands for a checkout whose files the installer does not list.
    """

    name: str
    version: str
    record: str
    files: tuple[InstalledFile, ...]
    editable: bool

    @property
    def wrong(self) -> tuple[InstalledFile, ...]:
        """Files that are not what was installed."""
        return tuple(f for f in self.files if f.state in ("altered", "missing", "added"))

    @property
    def state(self) -> str:
        """The finding in a word or two."""
        if self.editable:
            return "open: installed from a checkout"
        if not self.files:
            return "cannot be said: no list of files"
        return f"ALTERED: {len(self.wrong)} files" if self.wrong else "as recorded"


def check_distribution(name: str) -> DistributionState:
    """Hash every file of a distribution and compare with what its installer recorded."""
    installed = distribution(name)
    files = tuple(_files(installed))
    return DistributionState(
        name=installed.metadata["Name"],
        version=installed.version,
        record=_record_hash(installed),
        files=files,
        editable=_editable(installed),
    )


def all_distributions() -> tuple[tuple[str, str, str], ...]:
    """Return name, version and sha256 of the list of files of everything that is installed."""
    found = {
        str(d.metadata["Name"]).lower(): (str(d.metadata["Name"]), d.version, _record_hash(d))
        for d in distributions()
        if d.metadata["Name"]
    }
    return tuple(found[name] for name in sorted(found))


def dependencies(declared: Sequence[str] | None = None) -> tuple[str, ...]:
    """List the installed distributions that pybootmlm needs, extras but ``dev`` included.

    Parameters
    ----------
    declared
        Its requirements, where its installed metadata may be out of date: in a checkout.
    """
    first = list(distribution(ROOT).requires or []) if declared is None else list(declared)
    waiting = [name for text in first if (name := _needed(text, extras=True))]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or not _is_installed(name):
            continue
        found.add(name)
        requires = distribution(name).requires or []
        waiting += [other for text in requires if (other := _needed(text, extras=False))]
    return tuple(sorted(found - {ROOT}))


def _needed(requirement: str, *, extras: bool) -> str:
    """Return the name in a requirement, or nothing if it is that of an extra left out."""
    extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement)
    if extra is not None and (not extras or extra.group(1) == "dev"):
        return ""
    name = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", name.group()).lower() if name else ""


def lists_file(name: str, file: Path) -> bool:
    """Say whether an installer's list of files holds this file of the package in use."""
    installed = distribution(name)
    wanted, names = file.resolve(), _recorded(installed)
    return any(Path(str(installed.locate_file(name))).resolve() == wanted for name in names)


def _recorded(installed: Distribution) -> dict[str, str | None]:
    """Names and hashes of the installer's list of files.

    Read here, because `Distribution.files` of newer Pythons leaves out what is missing.
    """
    lines = csv.reader((installed.read_text("RECORD") or "").splitlines())
    return {line[0]: (line[1] if len(line) > 1 else "") or None for line in lines if line}


def _files(installed: Distribution) -> Iterator[InstalledFile]:
    recorded = _recorded(installed)
    for name, expected in recorded.items():
        if name.endswith(".pyc"):  # made by Python itself, where and when it likes
            continue
        path = Path(str(installed.locate_file(name)))
        if not path.is_file():
            yield InstalledFile(name, 0, "", "missing")
            continue
        content = path.read_bytes()
        state = "no hash" if expected is None else "altered"
        if expected is not None:
            mode, _, value = expected.partition("=")
            found = base64.urlsafe_b64encode(hashlib.new(mode, content).digest()).decode()
            state = "as recorded" if found.rstrip("=") == value else "altered"
        yield InstalledFile(name, len(content), hashlib.sha256(content).hexdigest(), state)
    yield from _strangers(installed, recorded)


def _strangers(
    installed: Distribution, recorded: Mapping[str, str | None]
) -> Iterator[InstalledFile]:
    """Modules that lie in the packages of this distribution and that nobody installed."""
    packages = {name.split("/")[0] for name in recorded if name.endswith("/__init__.py")}
    base = Path(str(installed.locate_file("")))
    for package in sorted(packages):
        for path in sorted((base / package).rglob("*.py")):
            name = path.relative_to(base).as_posix()
            if name not in recorded and str(installed.metadata["Name"]).lower() == ROOT:
                content = path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                yield InstalledFile(name, len(content), digest, "added")


def _record_hash(installed: Distribution) -> str:
    """Hash what was shipped: the same wherever the same wheel is installed, by whomever."""
    lines = [
        f"{name} {expected.replace('=', ' ', 1)}"
        for name, expected in _recorded(installed).items()
        if expected is not None and not _made_on_installation(name)
    ]
    text = "\n".join(sorted(lines)) or installed.read_text("METADATA") or ""
    return hashlib.sha256(text.encode()).hexdigest()


def _made_on_installation(name: str) -> bool:
    """Compiled files, scripts with this machine's interpreter, notes of the installer."""
    own = (".pyc", "/INSTALLER", "/REQUESTED", "/RECORD", "/direct_url.json")
    return name.endswith(own) or name.startswith("..")


def _editable(installed: Distribution) -> bool:
    text = installed.read_text("direct_url.json")
    return bool(text and json.loads(text).get("dir_info", {}).get("editable"))


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
