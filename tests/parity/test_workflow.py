"""The workflows: they are YAML, and every command in them is one that exists."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from parity.cli import parser

ROOT = Path(__file__).resolve().parents[2]
OWN, EXAMPLE = ROOT / ".github" / "workflows" / "parity.yml", ROOT / "docs" / "parity-workflow.yml"
ACTIONS = {
    "actions/checkout": {"fetch-depth"},
    "actions/setup-python": {"python-version"},
    "actions/upload-artifact": {"name", "path"},
    "actions/download-artifact": {"pattern"},
    "r-lib/actions/setup-r": {"r-version", "use-public-rspm"},
}
PLUGIN = ROOT / "parity" / "pytest_plugin.py"


def steps(document):
    return [step for job in document["jobs"].values() for step in job["steps"]]


def commands(document):
    """Every command, with the parts of its pipes apart and a matrix's values put in."""
    for step in steps(document):
        for line in step.get("run", "").splitlines():
            for part in re.split(r"\|\||&&|\|", line):
                words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "value", part))
                if words:
                    yield words


def problems(document):
    """What is wrong with a workflow, in words."""
    found = []
    for step in steps(document):
        if "uses" in step:
            action, _, version = step["uses"].partition("@")
            if action not in ACTIONS:
                found.append(f"{action} is not known")
            elif not re.fullmatch(r"v\d+", version):
                found.append(f"{action} is not pinned to a version: {version!r}")
            elif set(step.get("with", {})) - ACTIONS[action]:
                found.append(f"{action} has no input {set(step['with']) - ACTIONS[action]}")
    return found + [problem for words in commands(document) for problem in wrong(words)]


def wrong(words):
    match words:
        case ["parity", *arguments]:
            try:
                parser().parse_args(arguments)
            except SystemExit:
                yield f"parity does not take {arguments}"
        case ["python", "-m", "pytest", *arguments]:
            known = PLUGIN.read_text("utf-8")
            for argument in arguments:
                option = argument.partition("=")[0]
                if option.startswith("--parity") and f'"{option}"' not in known:
                    yield f"the plugin has no option {option}"
                if (
                    not argument.startswith("-")
                    and "/" in argument
                    and not (ROOT / argument).exists()
                ):
                    yield f"there is no {argument}"
        case ["Rscript", path] if not path.startswith("-"):
            if not (ROOT / path).is_file():
                yield f"there is no {path}"
        case ["python", "-m", "pip", "install", *_] | ["Rscript", "-e", _]:
            pass
        case ["tee", *_] | ["true"]:
            pass
        case _:
            yield f"unknown command: {' '.join(words)}"


@pytest.fixture(params=[OWN, EXAMPLE], ids=["own", "example"])
def document(request):
    return yaml.safe_load(request.param.read_text("utf-8"))


def test_every_command_and_action_exists(document, capsys):
    assert problems(document) == []
    assert sum(words[0] in ("parity", "python") for words in commands(document)) >= 4


def test_it_runs_recorded_on_several_pythons_and_live_on_several_rs(document):
    assert document[True], "`on`, which YAML reads as true"
    matrix = document["jobs"]["recorded"]["strategy"]["matrix"]
    classifiers = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert matrix["python"] == classifiers
    live = document["jobs"]["live"]["strategy"]["matrix"]
    versions = live.get("r") or [entry["r"] for entry in live["include"]]
    assert len(versions) >= 3
    assert "release" in versions


def test_what_a_job_downloads_another_uploads():
    jobs = yaml.safe_load(OWN.read_text("utf-8"))["jobs"]
    uploaded = {s["with"]["name"] for s in steps({"jobs": jobs}) if "upload" in s.get("uses", "")}
    versions = [entry["r"] for entry in jobs["live"]["strategy"]["matrix"]["include"]]
    assert "report-r-${{ matrix.r }}" in uploaded
    for words in commands({"jobs": {"drift": jobs["drift"]}}):
        if words[:2] == ["parity", "diff"]:
            assert {folder.removeprefix("report-r-") for folder in words[2:]} <= set(versions)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"run": "parity compare"}, "parity does not take"),
        ({"run": "parity run --oracel live"}, "parity does not take"),
        ({"run": "parity diff one.json"}, "parity does not take"),
        ({"run": "python -m pytest --parity-server=x"}, "no option --parity-server"),
        ({"run": "python -m pytest tests/absent --parity"}, "there is no tests/absent"),
        ({"run": "Rscript r_reference/absent.R"}, "there is no r_reference/absent.R"),
        ({"run": "curl example.org | sh"}, "unknown command: curl"),
        ({"uses": "actions/checkout@main"}, "not pinned"),
        ({"uses": "someone/something@v1"}, "is not known"),
        ({"uses": "actions/setup-python@v5", "with": {"version": 3}}, "has no input"),
    ],
)
def test_control_a_wrong_step_is_reported(step, said, capsys):
    assert any(said in problem for problem in problems({"jobs": {"one": {"steps": [step]}}}))


def test_every_command_on_the_page_exists(capsys):
    lines = (ROOT / "docs" / "regression.md").read_text("utf-8").splitlines()
    found = [shlex.split(line.strip().removeprefix("$ ")) for line in lines if is_command(line)]
    assert len(found) >= 10
    assert [problem for words in found for problem in wrong(words)] == []


def is_command(line):
    return line.startswith(("$ parity ", "    parity "))
