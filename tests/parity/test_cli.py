"""The command: what it prints, what it writes, how it ends."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import parity
from parity.cli import main
from parity.oracles.recorded import RecordedOracle


def test_a_run_that_agrees_ends_with_0(tmp_path, capsys):
    assert main(["run", "--case", "dyestuff/*/sigma", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Pass: 2 cases: 2 match" in said
    assert (tmp_path / "index.html").is_file()
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["passed"] is True


def test_a_run_with_a_mismatch_ends_with_1(tmp_path, capsys, monkeypatch, perturbed):
    from dataclasses import replace

    def change(_name, value):
        return replace(value, numbers=value.numbers * (1 + 1e-6))

    monkeypatch.setattr("parity.commands.options.Native", lambda: perturbed(change))
    assert main(["run", "--case", "dyestuff/*/sigma", "--out", str(tmp_path)]) == 1
    assert "FAIL: 2 cases: 2 mismatch" in capsys.readouterr().out
    assert (tmp_path / "index.html").is_file()


def test_a_glob_that_fits_nothing_ends_with_2(tmp_path, capsys):
    assert main(["run", "--case", "nothing/*", "--out", str(tmp_path)]) == 2
    assert "`--case nothing/*` fits none of the" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_no_r_ends_with_2_and_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    assert main(["run", "--oracle", "live", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "there is no R on the PATH" in said
    assert "apt-get install r-base-core r-cran-lme4" in said
    assert "--oracle recorded" in said
    assert not (tmp_path / "out").exists()


def test_an_altered_record_fails_the_run(tmp_path, capsys, monkeypatch):
    import shutil

    from parity.paths import recorded_folder

    folder = tmp_path / "recorded"
    shutil.copytree(recorded_folder(), folder)
    with (folder / "dyestuff.REML.json").open("a") as stream:
        stream.write(" ")
    monkeypatch.setattr("parity.commands.options.RecordedOracle", lambda: RecordedOracle(folder))
    assert main(["run", "--case", "dyestuff/*/sigma", "--out", str(tmp_path / "out")]) == 1
    assert "is not the file that was recorded" in " ".join(capsys.readouterr().out.split())


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--version"])
    assert ending.value.code == 0
    assert capsys.readouterr().out == f"parity of pybootmlm {version('pybootmlm')}\n"


def test_a_column_that_is_text_for_a_few_texts_is_named_with_the_option(tmp_path, capsys):
    """The response is text: the model cannot be fitted, and the reader is told what to give."""
    rows = [f"{10 + k},{k % 4},g{k % 3}" for k in range(12)]
    path = tmp_path / "own.csv"
    path.write_text("\n".join(["y,x,g", *rows, "missing,1,g0", ".,2,g1"]) + "\n")
    arguments = ["check", "y ~ x + (1 | g)", "--data", str(path), "--reference", str(tmp_path)]
    assert main(arguments) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "the column 'y' was read as text because of 'missing', '.'" in said
    assert "give --na 'missing' --na '.'" in said
    assert "'x'" not in said.partition("does not fit")[0]
    assert "'g'" not in said.partition("does not fit")[0]
    assert main([*arguments, "--na", "missing", "--na", "."]) == 2
    assert "was read as text" not in capsys.readouterr().err


def test_list(capsys):
    assert main(["list", "--case", "hsb-slope/REML/scores*"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "hsb-slope/REML/scores_mer/level2\tscores_mer\tdeterministic",
        "hsb-slope/REML/scores_mer/level1\tscores_mer\tdeterministic",
    ]


def test_a_partial_recording_does_not_replace_the_whole(capsys):
    assert main(["record", "--case", "dyestuff/*"]) == 2
    assert "give `--out DIR` for a partial recording" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("arguments", [[], ["run", "--oracle", "maybe"], ["walk"]])
def test_usage_errors_end_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2
    capsys.readouterr()


def test_the_module_is_the_command(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(parity.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "parity", "run", "--case", "solve*", "--out", str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Pass: 3 cases" in done.stdout
