"""The pytest plugin: a project's cases as tests, and nothing at all without `--parity`.

The project is tests/parity/project; its references were recorded from R.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import parity.plugin  # before pytester, which forgets what a run inside it imports
from parity.cases.project import load_project
from parity.cli import main
from parity.plugin import file

PROJECT = Path(__file__).parent / "project"
PERTURBED = """
from dataclasses import replace
import parity.plugin.file

class Perturbed(parity.plugin.file.Native):
    def fit(self, model, data):
        fit = super().fit(model, data)
        original = fit.quantity
        def quantity(name, theta=None, **inputs):
            value = original(name, theta, **inputs)
            {what}
            return value
        fit.quantity = quantity
        return fit
parity.plugin.file.Native = Perturbed
"""
WRONG_FIXEF = "if name == 'fixef': value = replace(value, numbers=value.numbers * (1 + {factor:g}))"
CRASH = "if name == 'fixef': raise ZeroDivisionError('division by zero')"


@pytest.fixture(autouse=True)
def no_hypothesis(pytester, monkeypatch):
    """Leave out a plugin that may be beside ours, and imports itself anew in every run."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")


@pytest.fixture
def project(pytester, monkeypatch):
    """Return a folder with the project, in which pytest can be run."""
    shutil.copytree(PROJECT, pytester.path, dirs_exist_ok=True)
    # A conftest of one test must not stay for the next: it patches this name.
    monkeypatch.setattr(file, "Native", file.Native)
    return pytester


def perturb(project, what):
    project.makeconftest(PERTURBED.format(what=what))


def edit(project, *changes):
    path = project.path / "parity_cases.toml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def said(result):
    return " ".join((result.stdout.str() + result.stderr.str()).split())


# What is collected


def test_a_case_is_a_test_of_its_name(project):
    result = project.runpytest("--parity", "-v")
    result.assert_outcomes(passed=12, skipped=2)
    for case in load_project(project.path / "parity_cases.toml").cases:
        result.stdout.fnmatch_lines([f"parity_cases.toml::{case.id} *"])


def test_one_case_can_be_asked_for(project):
    result = project.runpytest("--parity=recorded", "parity_cases.toml::slope/ML/scores_mer/level2")
    result.assert_outcomes(passed=1)
    project.runpytest("--parity", "-k", "fixef").assert_outcomes(passed=2, deselected=12)


def test_a_case_file_in_a_folder_is_found_and_reads_its_own_data(project):
    inner = project.path / "tests" / "models"
    inner.mkdir(parents=True)
    for path in list(project.path.iterdir()):
        if path.name != "tests":
            shutil.move(path, inner / path.name)
    project.runpytest("--parity").assert_outcomes(passed=12, skipped=2)


def test_explained_passes_with_a_note(project):
    result = project.runpytest("--parity")
    result.stdout.fnmatch_lines(
        [
            "*- parity -*",
            "10 match, 2 explained, 2 not-run",
            "explained: bootmlm::scores_mer puts the names*",
            "    parity_cases.toml::slope/ML/scores_mer/level2",
            "    parity_cases.toml::slope/ML/scores_mer/level1",
            "R 4.*, lme4 1.*, Matrix *, bootmlm *",
        ]
    )


def test_what_is_not_run_is_skipped_with_its_reason_at_its_line(project):
    lines = (PROJECT / "parity_cases.toml").read_text("utf-8").splitlines()
    number = lines.index('id = "weighted"') + 1
    result = project.runpytest("--parity", "-rs")
    result.stdout.fnmatch_lines(
        [f"SKIPPED [[]2] parity_cases.toml:{number}: *R's answer is known to be wrong*weighted"]
    )


def test_verdicts_and_digits_are_in_junit(project):
    project.runpytest("--parity", "--junit-xml=junit.xml")
    suite = ET.parse(project.path / "junit.xml").getroot()
    said = {
        case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")}
        for case in suite.iter("testcase")
    }
    assert said["slope/ML/fixef"]["parity_verdict"] == "match"
    assert float(said["slope/ML/fixef"]["parity_digits"]) > 10
    assert said["slope/ML/scores_mer/level1"]["parity_verdict"] == "explained"
    assert said["weighted/REML/vcov_vc/sd"]["parity_verdict"] == "not-run"


def test_ordinary_tests_run_beside_them(project):
    project.makepyfile("def test_one(): pass")
    project.runpytest("--parity").assert_outcomes(passed=13, skipped=2)


def test_a_project_whose_warnings_are_errors(project):
    project.makeini("[pytest]\nfilterwarnings = error\n")
    project.runpytest("--parity", "-p", "no:cacheprovider").assert_outcomes(passed=12, skipped=2)


def test_nothing_to_compare_is_said(pytester):
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest("--parity")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["no case was compared: no parity_cases.toml was collected*"])


# Negative controls: a wrong implementation, a wrong reference, other data


def test_a_wrong_implementation_fails_with_the_evidence_and_without_a_traceback(project):
    perturb(project, WRONG_FIXEF.format(factor=1e-6))
    result = project.runpytest("--parity")
    result.assert_outcomes(passed=10, failed=2, skipped=2)
    result.stdout.fnmatch_lines(
        [
            "*_ slope/ML/fixef _*",
            "mismatch: 2 of 2 numbers differ by more than allowed, most of all *",
            "  model      sleep: Reaction ~ Days + (Days | Subject)",
            "  in R       fixef(m)",
            "  in Python  fit.fixef",
            "  tolerance  deterministic: 1e-12 + 1e-10 of the largest of its column",
            "  differs by 1e+04 times the tolerance",
            "  R          R 4.*(recorded)",
            "  *R *Python *difference",
            "  (Intercept) *251.405104848 *251.405356* *2.5e-04",
            "  Days *10.46728595* *10.46729642* *1.0e-05",
            "FAILED parity_cases.toml::slope/ML/fixef*",
        ]
    )
    shown = result.stdout.str()
    assert "Traceback" not in shown
    assert ".py:" not in shown


def test_an_error_of_ours_fails_with_its_message(project):
    perturb(project, CRASH)
    result = project.runpytest("--parity", "-k", "slope and fixef")
    result.assert_outcomes(failed=1, deselected=13)
    result.stdout.fnmatch_lines(["python-error: ZeroDivisionError: division by zero"])
    assert "Traceback" not in result.stdout.str()


def test_a_bootstrap_that_is_wrong_in_one_replicate_fails(project):
    what = (
        "if name == 'bootstrap_mer' and 'at' not in inputs:\n"
        "                value.numbers[3, 0] *= 1.5"
    )
    perturb(project, what)
    result = project.runpytest("--parity", "-k", "bootstrap_mer")
    result.assert_outcomes(failed=1, deselected=13)
    result.stdout.fnmatch_lines(["*inputs     type = residual, seed = 85957, nsim = 10"])


def test_a_reference_that_was_edited_is_refused(project):
    path = project.path / "parity_references" / "slope.ML.json"
    path.write_text(path.read_text("utf-8").replace("251.405", "251.406"), "utf-8")
    result = project.runpytest("--parity")
    result.assert_outcomes(errors=1)
    assert "was altered after it was saved" in said(result)
    assert "`parity record --cases parity_cases.toml`" in said(result)


def test_a_wrong_reference_fails_though_its_checksum_is_right(project):
    folder = project.path / "parity_references"
    path = folder / "slope.ML.json"
    text = path.read_text("utf-8").replace("251.405", "251.406")
    path.write_text(text, "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][path.name] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    result = project.runpytest("--parity", "-k", "slope and fixef")
    result.assert_outcomes(failed=1, deselected=13)
    result.stdout.fnmatch_lines(["mismatch: 1 of 2 numbers differ by more than allowed*"])


def test_other_data_are_refused(project):
    path = project.path / "sleep.csv"
    path.write_text(path.read_text("utf-8").replace("249.56", "249.57"), "utf-8")
    result = project.runpytest("--parity")
    result.assert_outcomes(errors=1)
    assert "was made for other data: 180 rows" in said(result)


def test_a_model_that_was_not_recorded_is_named(project):
    edit(project, ('methods = ["ML"]', 'methods = ["ML", "REML"]'))
    result = project.runpytest("--parity")
    result.assert_outcomes(errors=1)
    assert "not of 'slope/REML'" in said(result)
    assert "Traceback" not in said(result)


def test_no_references_say_how_to_make_them(project):
    shutil.rmtree(project.path / "parity_references")
    result = project.runpytest("--parity")
    result.assert_outcomes(errors=1)
    assert "there are no recorded references in parity_references/" in said(result)
    assert "`parity record --cases parity_cases.toml`" in said(result)


# Tolerances of the project's own


OWN = """
[tolerances.deterministic]
relative = 1e-5
reason = "we report five digits"

[[model]]
id = "slope"
"""


def test_a_tolerance_of_the_project_s_own_holds_and_is_told(project):
    perturb(project, WRONG_FIXEF.format(factor=1e-6))
    edit(project, ('[[model]]\nid = "slope"\n', OWN))
    result = project.runpytest("--parity")
    result.assert_outcomes(passed=12, skipped=2)
    result.stdout.fnmatch_lines(["the project's own tolerance: deterministic: we report five*"])


def test_a_tolerance_of_one_model_is_that_model_s_only(project):
    perturb(project, WRONG_FIXEF.format(factor=1e-6))
    own = '[model.tolerances.deterministic]\nrelative = 1e-5\nreason = "a small model"\n'
    edit(project, ("nsim = 10\n", f"nsim = 10\n{own}"))
    result = project.runpytest("--parity")
    result.assert_outcomes(passed=11, failed=1, skipped=2)
    result.stdout.fnmatch_lines(
        [
            "*_ weighted/REML/fixef _*",
            "the project's own tolerance: deterministic for slope: a small model",
        ]
    )


def test_it_does_not_forgive_more_than_it_says(project):
    perturb(project, WRONG_FIXEF.format(factor=1e-4))
    edit(project, ('[[model]]\nid = "slope"\n', OWN))
    result = project.runpytest("--parity")
    result.assert_outcomes(passed=10, failed=2, skipped=2)
    result.stdout.fnmatch_lines(
        ["*deterministic: 1e-12 + 1e-05 of *", "  differs by 10 times the tolerance"]
    )


# Bad case files


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('file = "sleep.csv"', 'file = "absent.csv"', "absent.csv"),
        ("[[data]]", "[[data]", "is not TOML"),
        ("nsim = 10", "nsims = 10", "unknown keys ['nsims']"),
        ("nsim = 10", "nsim = 1", "`nsim` must be 2 or more"),
        ('"residual"]', '"wild"]', "there is no bootstrap 'wild'"),
        ('"vcov",', '"covariance",', "quantity 'covariance', which does not exist; they are"),
        ('data = "sleep"', 'data = "sheep"', "data 'sheep', which no [[data]] names"),
        ("(1 | Subject)", "(1 | Object)", "Object"),
        ('"1 + Days / 4"', '"1 + Weeks"', "the data have no column 'Weeks'"),
        ('"1 + Days / 4"', "\"__import__('os')\"", "cannot be derived"),
        (
            'methods = ["ML"]',
            'methods = ["ML"]\ntolerances.optimum.absolute = 0.1',
            "lacks ['reason']",
        ),
        (
            'methods = ["ML"]',
            'methods = ["ML"]\ntolerances.optimum.reason = " "',
            "has no reason",
        ),
        (
            'methods = ["ML"]',
            'methods = ["ML"]\ntolerances.magic.reason = "why not"',
            "there is no tolerance 'magic'; they are",
        ),
    ],
)
def test_a_bad_case_file_is_an_error_with_its_cause(project, old, new, told):
    edit(project, (old, new))
    result = project.runpytest("--parity")
    result.assert_outcomes(errors=1)
    assert told in said(result)
    assert "Traceback" not in said(result)
    assert ".py:" not in result.stdout.str()


# Without --parity


def test_without_the_option_nothing_is_collected(project):
    project.makepyfile("def test_one(): pass")
    result = project.runpytest()
    result.assert_outcomes(passed=1)
    assert "parity" not in result.stdout.str().partition("plugins:")[2].partition("\n")[2]


def test_without_the_option_nothing_is_imported(pytester):
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            assert "parity.pytest_plugin" in sys.modules
            for name in ("numpy", "pandas", "scipy", "rich", "pybootmlm", "parity.plugin"):
                assert name not in sys.modules, name
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_plugin_imports_nothing_of_its_own(tmp_path):
    code = (
        "import argparse, pytest, sys; before = set(sys.modules)\n"
        "import parity.pytest_plugin\n"
        "print(sorted(set(sys.modules) - before - {'parity', 'parity.pytest_plugin'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pytest_knows_it_by_its_entry_point():
    (found,) = [point for point in entry_points(group="pytest11") if point.name == "parity"]
    assert found.value == "parity.pytest_plugin"


def test_a_path_after_the_option_is_not_taken_for_its_value(project):
    result = project.runpytest("--parity", "parity_cases.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "'parity_cases.toml' is neither recorded nor live; write --parity=recorded" in said(
        result
    )
    project.runpytest("parity_cases.toml", "--parity").assert_outcomes(passed=12, skipped=2)


def test_help_names_the_options(pytester):
    result = pytester.runpytest("--help")
    for option in ("--parity=", "--parity-rscript=", "--parity-timeout="):
        assert option in result.stdout.str()


# Live


@pytest.mark.live_r
def test_live_and_recorded_give_the_same_verdicts(project):
    result = project.runpytest("--parity=live", "-k", "not scores and not vcov_vc")
    # The bootstrap and its responses are bootmlm's, which R may lack: then they are not run.
    skipped = result.parseoutcomes().get("skipped", 0)
    assert skipped in (0, 2)
    result.assert_outcomes(passed=8 - skipped, skipped=skipped, deselected=6)


@pytest.mark.live_r
def test_a_wrong_implementation_fails_live(project):
    perturb(project, WRONG_FIXEF.format(factor=1e-6))
    result = project.runpytest("--parity=live", "-k", "fixef")
    result.assert_outcomes(failed=2, deselected=12)
    result.stdout.fnmatch_lines(["  R          R *(live)"])


@pytest.mark.live_r
def test_another_r_can_be_named(project):
    result = project.runpytest("--parity=live", "--parity-rscript", "Rscript", "-k", "sigma")
    result.assert_outcomes(passed=1, deselected=13)
    result.stdout.fnmatch_lines(["parity: live R through 'Rscript'"])


def test_another_r_is_not_named_in_vain(project):
    result = project.runpytest("--parity", "--parity-rscript", "Rscript")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--parity-rscript needs --parity=live" in said(result)


@pytest.mark.live_r
def test_recording_writes_what_pytest_reads(project, capsys):
    shutil.rmtree(project.path / "parity_references")
    assert main(["record", "--cases", str(project.path / "parity_cases.toml")]) == 0
    assert "recorded 14 cases of 2 models" in " ".join(capsys.readouterr().out.split())
    project.runpytest("--parity", "-k", "fixef or sigma or optimum").assert_outcomes(
        passed=5, deselected=9
    )


def test_live_without_r_is_one_error_that_says_so(project, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("R_HOME", raising=False)
    result = project.runpytest("--parity=live")
    result.assert_outcomes(errors=1)
    assert "there is no R on the PATH" in said(result)


def test_recording_refuses_a_folder_of_other_files_and_a_choice_of_cases(project, capsys):
    cases = str(project.path / "parity_cases.toml")
    assert main(["record", "--cases", cases, "--out", str(project.path)]) == 2
    assert "holds other files" in " ".join(capsys.readouterr().err.split())
    assert main(["record", "--cases", cases, "--case", "slope*"]) == 2
    assert "records all cases of that file" in " ".join(capsys.readouterr().err.split())


assert parity.plugin  # imported for its effect
