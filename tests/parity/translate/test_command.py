"""`parity translate`: files, exit status, and what is said of bad input."""

import pytest

from parity.cli import main

SCRIPT = "library(lme4)\nfit <- lmer(Yield ~ (1 | Batch), Dyestuff)\nsigma(fit)\n"


@pytest.fixture
def run(tmp_path, capsys):
    def command(text, *options):
        script = tmp_path / "analysis.R"
        script.write_bytes(text if isinstance(text, bytes) else text.encode())
        status = main(["translate", str(script), "--reader", "own", *options])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


def test_it_is_written_to_the_terminal_or_to_a_file(run, tmp_path):
    status, out, err = run(SCRIPT)
    assert status == 0
    assert out.endswith("print(fit.sigma)\n")
    assert "2 of 3 statements translated, 1 left out" in err
    status, printed, _ = run(SCRIPT, "-o", str(tmp_path / "a.py"))
    assert (status, printed) == (0, "")
    assert (tmp_path / "a.py").read_text("utf-8") == out


def test_strict_fails_where_something_is_missing(run):
    status, out, err = run(SCRIPT + "attach(Dyestuff)\n", "--strict")
    assert status == 1
    assert "# R, line 4, not translated: attach()" in out
    assert "line 4: not translated: attach()" in err
    assert run(SCRIPT + "attach(Dyestuff)\n")[0] == 0
    assert run(SCRIPT, "--strict")[0] == 0


def test_an_empty_script_is_an_empty_script(run):
    assert run("")[:2] == (0, '"""Translated from analysis.R by `parity translate`."""\n')


BAD = [
    ("x <- (1\n", (), "line 2, column 1: expected ), got the end of the file"),
    (b"x <- 1\ny <- '\xe4'\n", (), "line 2, column 7: byte 0xe4 is not utf-8"),
    (b"x <- \x00", (), "line 1, column 6: a zero byte"),
    ("x <- 1", ("--encoding", "klingon"), "there is no encoding 'klingon'"),
    ("x <- 1", ("--data", "a=b"), "`--data` is for `--verify`"),
    ("x <- 1", ("--verify", "--data", "a=nowhere.csv"), "NAME=FILE, with a file that is there"),
    ("x <- 1", ("--reader", "R", "--rscript", "no-such-R"), "no-such-R"),
]


@pytest.mark.parametrize(("text", "options", "said"), BAD)
def test_what_cannot_be_read_is_refused_in_words(run, text, options, said):
    status, out, err = run(text, *options)
    assert status == 2
    assert out == ""
    assert said in " ".join(err.split())


def test_other_encodings_are_read_when_they_are_named(run):
    status, out, _ = run("x <- 'ä'\n".encode("latin-1"), "--encoding", "latin-1")
    assert status == 0
    assert 'x = "ä"' in out
    assert run("\ufeffx <- 1\n")[1].endswith("x = 1\n")


def test_the_script_is_not_written_over(run, tmp_path):
    status, _, err = run(SCRIPT, "-o", str(tmp_path / "analysis.R"))
    assert status == 2
    assert "is the R script itself" in " ".join(err.split())
    assert (tmp_path / "analysis.R").read_text("utf-8") == SCRIPT


def test_a_missing_script_is_named(capsys, tmp_path):
    assert main(["translate", str(tmp_path / "none.R")]) == 2
    assert "none.R' cannot be read" in " ".join(capsys.readouterr().err.split())


@pytest.mark.live_r
def test_verify_runs_both_and_writes_a_report(run, tmp_path):
    status, out, err = run(SCRIPT, "--verify", "--report", str(tmp_path / "report"))
    assert status == 0
    assert "both scripts say the same: 2 values compared: 2 match" in out
    assert "running both scripts" in err
    assert "sigma(fit)" in (tmp_path / "report" / "index.html").read_text("utf-8")


@pytest.mark.live_r
def test_verify_fails_where_r_fails(run):
    status, out, _ = run("x <- 1\nlibrary(nosuchpackage)\n", "--verify")
    assert status == 1
    assert "there is no package called" in out
