"""Baselines: what is kept, that it keeps still, and what each rule makes of a run."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from parity.cli import main
from parity.drift import baseline_text, changes_between, read_run, run_of
from parity.drift.sketch import Sketch
from parity.implementations import Native
from parity.oracles.published import PublishedOracle
from parity.session import compare_cases

PROJECT = Path(__file__).parent / "project"
GLOB = "dyestuff/REML/[fosu]*"
SIGMA, FITTED, OPTIMUM = (f"dyestuff/REML/{name}" for name in ("sigma", "fitted", "optimum"))


class Runs:
    """`parity run` on a few cases, with an implementation that can be made wrong."""

    def __init__(self, folder, monkeypatch, perturbed, capsys):
        self.folder, self.file = folder, folder / "parity-baseline.json"
        self._monkeypatch, self._perturbed, self._capsys = monkeypatch, perturbed, capsys

    def __call__(self, *arguments, case=GLOB, **factors):
        """Run; `factors` multiply our answers by the name of their quantity."""

        def change(name, value):
            return replace(value, numbers=value.numbers * factors.get(name, 1.0))

        self._monkeypatch.setattr("parity.commands.options.Native", lambda: self._perturbed(change))
        out = ["--out", str(self.folder / "out")]
        self._capsys.readouterr()
        status = main(["run", "--case", case, *out, *map(str, arguments)])
        shown = self._capsys.readouterr()
        return status, " ".join((shown.out + shown.err).split())

    def save(self, **factors):
        return self("--save-baseline", self.file, **factors)

    def held(self, rule, *arguments, **more):
        return self("--baseline", self.file, "--fail-on", rule, *arguments, **more)


@pytest.fixture
def runs(tmp_path, monkeypatch, perturbed, capsys):
    return Runs(tmp_path, monkeypatch, perturbed, capsys)


def test_two_runs_give_the_same_bytes_and_no_times(runs):
    runs.save()
    first = runs.file.read_bytes()
    runs.save()
    assert runs.file.read_bytes() == first
    for word in (b"seconds", b"started", b"/", b"OS"):
        assert word not in first.replace(b"dyestuff/REML/", b"").split(b'"cases"')[0]


def test_a_case_is_a_line_in_the_order_of_ids(runs):
    runs.save()
    text = runs.file.read_text("utf-8")
    document = json.loads(text)
    lines = text.splitlines()
    first = lines.index('"cases": {') + 1
    found = [line.partition(": ")[0].strip('"') for line in lines[first:-2]]
    assert found == sorted(document["cases"])
    entry = document["cases"][SIGMA]
    assert set(entry) == {"verdict", "digits", "tolerance", "asked", "r"}
    assert document["python"]["numpy"]
    assert document["r"]["lme4"]


def test_numbers_are_kept_no_finer_than_they_are_judged(runs):
    runs.save()
    numbers = json.loads(runs.file.read_text("utf-8"))["cases"]
    theta, criterion = numbers[OPTIMUM]["r"]["data"]
    assert len(str(theta)) <= len("0.84834")  # tolerance 1e-3
    assert len(str(criterion)) <= len("319.65427683")  # tolerance 1e-6
    assert len(str(numbers[SIGMA]["r"]["data"][0] if isinstance(numbers[SIGMA]["r"], dict)
                   else numbers[SIGMA]["r"][0])) <= len("49.510093969123")  # fmt: skip


def test_a_changed_number_changes_one_line(runs):
    runs.save()
    before = runs.file.read_text("utf-8").splitlines()
    runs.save(sigma=1.01)
    after = runs.file.read_text("utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    assert changed[0].startswith(f'"{SIGMA}": {{"verdict": "mismatch", "digits": 2')


def test_a_baseline_is_read_as_it_was_written(runs, make_runner, case_of):
    runs.save()
    again = baseline_text(read_run(runs.file))
    assert again == runs.file.read_text("utf-8")
    entries = read_run(runs.file).entries
    assert isinstance(entries[FITTED].expected, Sketch)  # thirty rows
    assert not isinstance(entries[SIGMA].expected, Sketch)


@pytest.mark.parametrize("rule", ["mismatch", "regression", "difference"])
def test_a_run_as_the_baseline_holds_by_every_rule(runs, rule):
    assert runs.save()[0] == 0
    status, said = runs.held(rule)
    assert status == 0
    assert "the same" in said


WRONG = {"sigma": 1 + 1e-6}
WORSE = {"sigma": 1 + 1e-3}


@pytest.mark.parametrize(
    ("before", "now", "mismatch", "regression", "difference"),
    [
        ({}, WRONG, 1, 1, 1),
        (WRONG, WRONG, 1, 0, 0),  # known, and no worse
        (WRONG, WORSE, 1, 1, 1),
        (WORSE, WRONG, 1, 0, 1),  # nearer, still wrong: not what was agreed on
        (WRONG, {}, 0, 0, 1),  # better is other
        (WRONG, WRONG | {"fitted": 1 + 1e-6}, 1, 1, 1),
        (WRONG, {"sigma": 1 + 1.001e-6}, 1, 0, 1),  # moved by ten tolerances
        ({}, {"sigma": 1 + 1e-12}, 0, 0, 0),  # within its tolerance
    ],
)
def test_the_rules(runs, before, now, mismatch, regression, difference):
    runs.save(**before)
    found = [runs.held(rule, **now)[0] for rule in ("mismatch", "regression", "difference")]
    assert found == [mismatch, regression, difference]


def test_without_a_rule_a_mismatch_fails_although_the_baseline_had_it(runs):
    assert runs.save(**WRONG)[0] == 1
    status, said = runs("--baseline", runs.file, **WRONG)
    assert status == 1
    assert "--fail-on mismatch: FAIL" in said


def test_failures_that_the_baseline_had_are_named_as_such(runs):
    runs.save(**WRONG)
    status, said = runs.held("regression", **WRONG)
    assert status == 0
    assert "nothing is worse than in the baseline (1 failure was in it already)" in said


def test_a_case_that_is_gone_is_worse_and_a_choice_of_cases_is_not(runs):
    runs.save()
    document = json.loads(runs.file.read_text("utf-8"))
    document["cases"]["dyestuff/REML/szzz"] = document["cases"][SIGMA]
    runs.file.write_text(json.dumps(document), "utf-8")
    status, said = runs.held("regression")
    assert status == 1
    assert "dyestuff/REML/szzz" in said
    assert "gone: was match" in said
    assert runs.held("regression", case="dyestuff/REML/[fou]*")[0] == 0


def test_new_cases_pass_unless_they_fail(runs):
    runs("--save-baseline", runs.file, case=SIGMA)
    assert runs.held("regression")[0] == 0
    assert runs.held("difference")[0] == 1
    status, said = runs.held("regression", fitted=1.1)
    assert status == 1
    assert "new: mismatch" in said


def test_r_that_moved_is_a_difference_though_we_follow(runs):
    runs.save()
    document = json.loads(runs.file.read_text("utf-8"))
    data = document["cases"][FITTED]["r"]["mean"]
    document["cases"][FITTED]["r"]["mean"] = [data[0] * (1 + 5e-10)]
    runs.file.write_text(json.dumps(document), "utf-8")
    assert runs.held("regression")[0] == 0
    status, said = runs.held("difference")
    assert status == 1
    assert FITTED in said


def test_a_baseline_and_a_report_can_be_compared(runs, capsys):
    runs.save()
    assert main(["diff", str(runs.file), str(runs.folder / "out")]) == 0
    assert "the same" in capsys.readouterr().out
    runs(**WRONG)
    assert main(["diff", str(runs.file), str(runs.folder / "out")]) == 1


def test_a_bad_baseline_ends_before_anything_runs(runs, tmp_path):
    for text, said in (("", "is empty"), ('{"baseline": 1,', "ends in the middle")):
        runs.file.write_text(text, "utf-8")
        status, told = runs.held("regression")
        assert status == 2
        assert said in told
    runs.file.unlink()
    assert runs.held("regression")[0] == 2
    assert not (tmp_path / "out").exists()


def test_a_rule_without_a_baseline_says_what_it_needs(runs):
    status, said = runs("--fail-on", "regression")
    assert status == 2
    assert "`--fail-on regression` compares with a baseline; give `--baseline FILE`" in said


def test_the_baseline_is_read_before_it_is_written_anew(runs):
    runs.save()
    status, said = runs.held("regression", "--save-baseline", runs.file, **WRONG)
    assert status == 1
    assert "match to mismatch" in said
    assert runs.held("regression", **WRONG)[0] == 0


def test_help_defines_every_rule(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    said = capsys.readouterr().out
    for rule in ("  mismatch  ", "  regression  ", "  difference  "):
        assert rule in said


def test_a_run_in_python_is_what_its_file_says(runs, recorded, case_of, tmp_path):
    runs.save()
    results = read_run(tmp_path / "out")
    cases = [case_of(name) for name in sorted(results.entries)]
    report = compare_cases(cases, Native(), PublishedOracle(recorded))
    assert changes_between(results, run_of(report)).changes == ()


# A project's own case file


def test_a_project_s_own_cases_can_be_held_to_its_baseline(tmp_path, capsys):
    cases, file = PROJECT / "parity_cases.toml", tmp_path / "baseline.json"
    run = ["run", "--cases", str(cases), "--out", str(tmp_path / "out")]
    assert main([*run, "--save-baseline", str(file)]) == 0
    assert "Pass: 14 cases: 10 match, 2 explained, 2 not-run" in capsys.readouterr().out
    assert main([*run, "--baseline", str(file), "--fail-on", "difference"]) == 0
    names = json.loads(file.read_text("utf-8"))["cases"]
    assert {name.partition("/")[0] for name in names} == {"slope", "weighted"}
    assert (
        main([*run, "--case", "slope/*", "--baseline", str(file), "--fail-on", "regression"]) == 0
    )


def test_a_project_without_references_is_told_how_to_make_them(tmp_path, capsys):
    for name in ("parity_cases.toml", "sleep.csv"):
        shutil.copy(PROJECT / name, tmp_path / name)
    cases = str(tmp_path / "parity_cases.toml")
    assert main(["run", "--cases", cases, "--out", str(tmp_path / "out")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "run `parity record --cases parity_cases.toml` and commit what it writes" in said


def test_a_baseline_cannot_be_a_folder(runs, tmp_path):
    status, said = runs("--save-baseline", tmp_path)
    assert status == 2
    assert "is a folder; name a file" in said
    assert not (tmp_path / "out").exists()
