"""The project's metadata agree with each other, wherever they are stated."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~ ;\[]", text)[0] for text in requirements}


def test_the_installed_version_is_the_declared_one():
    assert version("pybootmlm") == PROJECT["version"]


def test_the_version_is_written_down_in_one_python_place_only():
    """A `__version__` may be read from the metadata, never spelt out again."""
    pattern = re.compile(r"""__version__\s*(:\s*\w+\s*)?=\s*["']""")
    spelt = [
        path.name
        for package in ("pybootmlm", "parity")
        for path in (ROOT / package).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert spelt == []


def test_citation_and_changelog_know_the_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (cited,) = re.findall(r"^version: (\S+)$", citation, re.MULTILINE)
    assert cited == PROJECT["version"]
    assert re.findall(r"^license: (\S+)$", citation, re.MULTILINE) == [PROJECT["license"]]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] in ("Unreleased", PROJECT["version"])


def test_licence_is_mit_in_word_and_file():
    assert PROJECT["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert PROJECT["license-files"] == ["LICENSE"]


@pytest.mark.parametrize("package", ["pybootmlm", "parity"])
def test_types_are_shipped(package):
    assert (ROOT / package / "py.typed").is_file()
    assert package in PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def test_extras_and_what_must_stay_out_of_the_runtime():
    extras = PROJECT["optional-dependencies"]
    assert set(extras) >= {"r", "plot", "dev"}
    assert names(extras["r"]) == {"rpy2-rinterface", "rpy2-robjects"}
    assert names(extras["plot"]) == {"matplotlib"}
    runtime = names(PROJECT["dependencies"])
    assert runtime >= {"numpy", "scipy", "pandas", "formulaic"}
    # rpy2 is GPL and needs R; matplotlib is imported where a plot is asked for.
    assert not {name for name in runtime if name.startswith("rpy2")}
    assert "matplotlib" not in runtime


def test_every_requirement_states_the_lowest_version_and_none_caps_python():
    """`nox -s minimums` can test only what is declared."""
    for requirement in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]:
        assert re.fullmatch(r"[A-Za-z0-9-]+>=[0-9.]+", requirement), requirement
    assert PROJECT["requires-python"] == ">=3.11"


@pytest.mark.parametrize("session", ["parity", "tests"])
def test_readme_commands_are_what_ci_runs(session):
    command = f"python -m pip install --quiet nox && python -m nox -s {session}"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
