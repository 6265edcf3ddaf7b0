"""The tests that requirements name as evidence: run here, or read from a run's JUnit XML."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from parity.errors import ReportError
from parity.paths import parity_folder
from parity.validation.checkout import check_checkout
from parity.validation.one_thread import THREADS


@dataclass(frozen=True)
class TestOutcome:
    """What became of one test.

    Attributes
    ----------
    node
        ``tests/x.py::TestY::test_z[parameters]``.
    outcome
        "passed", "failed" or "skipped".
    said
        The reason of a failure or skip, in a line.
    """

    __test__ = False  # not a test of pytest's, whatever its name

    node: str
    outcome: str
    said: str = ""


@dataclass(frozen=True)
class TestRun:
    """The named tests and their outcomes.

    Attributes
    ----------
    why_not
        Why they were not run; empty if they were.
    xml
        The JUnit XML, kept as evidence.
    source
        Where the tests came from: a commit, or a file.
    """

    __test__ = False

    outcomes: tuple[TestOutcome, ...] = ()
    why_not: str = ""
    xml: str = ""
    source: str = ""

    def of(self, name: str) -> tuple[TestOutcome, ...]:
        """Return the outcomes of what a requirement names: a file, a class or a function."""
        return tuple(
            outcome
            for outcome in self.outcomes
            if outcome.node == name or outcome.node.startswith((f"{name}::", f"{name}["))
        )


def folder_of_tests(names: Sequence[str]) -> Path:
    """Return where the tests lie: beside the package in a checkout, else in the current folder."""
    beside, here = parity_folder().parent, Path.cwd()
    has = any((beside / name.partition("::")[0]).is_file() for name in names)
    return beside if has else here


def run_named_tests(names: Sequence[str], root: Path) -> TestRun:
    """Run named tests with pytest, in a process of its own, from the checkout that has them.

    A file that is not there is left out: what it should show is then not shown.
    """
    present = [name for name in names if (root / name.partition("::")[0]).is_file()]
    if not present:
        why = (
            "there are no tests here, which come with the source: run this in a copy of it, or "
            "give the JUnit XML of a run there with `--tests FILE`"
        )
        return TestRun(why_not=why)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tests.xml"
        command = [
            # -P: the package that is tested is the installed one, not what lies where pytest runs
            sys.executable, "-P", "-m", "pytest", *present, "-q", "-p", "no:cacheprovider",
            "-o", "junit_family=xunit1", f"--junitxml={path}",
        ]  # fmt: skip
        done = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, **dict.fromkeys(THREADS, "1")},
            capture_output=True,
            text=True,
            check=False,
        )
        if not path.is_file() or done.returncode not in (0, 1):
            tail = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no output"]
            return TestRun(why_not=f"pytest ended with status {done.returncode}: {tail[0]}")
        return replace(read_junit(path), source=check_checkout(root, ("tests",)).described)


def read_junit(path: Path) -> TestRun:
    """Read the JUnit XML of a run of this project's tests."""
    try:
        text = path.read_text("utf-8")
        suites = ET.fromstring(text)
    except (OSError, UnicodeDecodeError, ET.ParseError) as error:
        message = (
            f"`--tests {path.name}` should be JUnit XML, as `pytest --junitxml=FILE` writes it, "
            f"but it cannot be read: {error}"
        )
        raise ReportError(message) from error
    outcomes = tuple(_outcome(case) for case in suites.iter("testcase"))
    ordered = tuple(sorted(outcomes, key=lambda outcome: outcome.node))
    return TestRun(ordered, "", text, f"as read from {path.name}")


def all_names(requirements: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """List the named tests once, a function left out where its whole file is named too."""
    names = sorted({name for tests in requirements for name in tests})
    return tuple(
        name
        for name in names
        if not any(name.startswith(f"{other}::") for other in names if other != name)
    )


def _outcome(case: ET.Element) -> TestOutcome:
    node = f"{_file(case.attrib)}::{case.get('name', '')}"
    inner = case.get("classname", "").rsplit(".", 1)[-1]
    if inner[:1].isupper():
        node = f"{_file(case.attrib)}::{inner}::{case.get('name', '')}"
    for tag, outcome in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = case.find(tag)
        if found is not None:
            said = (found.get("message") or "").strip().splitlines()
            return TestOutcome(node, outcome, said[0] if said else "")
    return TestOutcome(node, "passed")


def _file(attributes: Mapping[str, str]) -> str:
    if "file" in attributes:
        return attributes["file"].replace("\\", "/")
    # Newer families of JUnit XML have the file in the class name only.
    parts = attributes.get("classname", "").split(".")
    while parts and parts[-1][:1].isupper():
        parts.pop()
    return "/".join(parts) + ".py"
