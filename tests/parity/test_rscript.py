"""An R behind a command: the same protocol, the same bits, the same words when it fails."""

import os
import stat
import sys

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from parity.bridge import RProcess
from parity.bridge.literals import literal
from parity.cases.own import cases_for, own_model
from parity.cli import main
from parity.errors import RUnavailableError, WorkerError
from parity.frames import Frames
from parity.oracles.live import LiveOracle
from parity.values import Value

HARD = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789.123]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (-3, "-3L"),
        (0.5, "0x1.0000000000000p-1"),
        ('a"b\\c\n', '"a\\"b\\\\c\\n"'),
        ([], "NULL"),
        ([1, 2.0], "c(0x1.0000000000000p+0,0x1.0000000000000p+1)"),
        (["a", "b"], 'c("a","b")'),
        ([True, 1], "list(TRUE,1L)"),
        ({"a b": [1, 2]}, 'structure(list(c(1L,2L)),names=c("a b"))'),
    ],
)
def test_literals(value, code):
    assert literal(value) == code


@pytest.mark.live_r
def test_numbers_come_back_bit_for_bit():
    columns = {
        "x": {"kind": "numeric", "values": HARD, "missing": [2]},
        "f": {
            "kind": "factor",
            "values": [2, 1, 2, 1, 1, 2],
            "levels": ['ä"\\', "a b"],
            "ordered": True,
            "missing": [],
        },
    }
    process = RProcess(command="Rscript")
    try:
        process.ask({"verb": "data", "name": "hard", "columns": columns})
        said = process.ask(
            {"verb": "answer", "request": {"quantity": "echo", "inputs": {"data": "hard"}}}
        )
    finally:
        process.close()
    value = Value.from_json(said["value"])
    kept = np.delete(value.numbers[:, 0], 1)
    assert kept.tobytes() == np.delete(np.array(HARD), 1).tobytes()
    assert value.missing[:, 0].tolist() == [False, True, False, False, False, False]
    assert value.columns == ("x", 'f: ä"\\ < a b')


@pytest.mark.live_r
def test_rscript_and_rpy2_answer_alike(case_of):
    one, other = LiveOracle(), LiveOracle(command="Rscript")
    try:
        for name in ("sleepstudy-slope/ML/boot_mer", "stream/rnorm", "dyestuff/REML/vcov"):
            case = case_of(name)
            numbers = [oracle.answer(case).value.numbers for oracle in (one, other)]
            assert numbers[0].tobytes() == numbers[1].tobytes()
    finally:
        one.close()
        other.close()


@pytest.mark.live_r
def test_an_error_of_r_is_one_answer(case_of):
    oracle = LiveOracle(command="Rscript")
    case = case_of("dyestuff/REML/sigma")
    try:
        said = oracle._ask(case, {**case.request(), "quantity": "nope"})
        assert said["status"] == "error"
        assert "no quantity 'nope'" in said["error"]
        assert oracle.answer(case).value.numbers.round(2) == [49.51]
    finally:
        oracle.close()


def script(folder, body):
    path = folder / "Rscript"
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_command_that_is_not_there_is_named():
    process = RProcess(command="no-such-command-at-all --really")
    with pytest.raises(RUnavailableError, match=r"command 'no-such-command-at-all --really' did"):
        process.ask({"verb": "environment"})


def test_a_command_that_ends_at_once_is_named(tmp_path):
    process = RProcess(command=script(tmp_path, "raise SystemExit(3)"))
    with pytest.raises(RUnavailableError, match="did not start an R that answers"):
        process.ask({"verb": "environment"})


def test_its_end_in_the_middle_costs_one_request(tmp_path):
    body = (
        "import sys\n"
        "mark = sys.stdin.readline().partition('ok ')[2][:32]\n"
        "print(f'{mark}ok {mark}', flush=True)\n"
        "for line in sys.stdin:\n"
        "    mark, code = line[:32], line[32:]\n"
        "    if code.startswith('reference_environment('): sys.exit(7)\n"
        "    print('noise'); print(f'\\n{mark}ok {mark}', flush=True)"
    )
    process = RProcess(command=script(tmp_path, body))
    try:
        with pytest.raises(WorkerError, match=r"with status 7 in the middle of a case.*noise"):
            process.ask({"verb": "environment"})
    finally:
        process.close()


def test_the_command_line_passes_it_on(tmp_path, capsys):
    missing = ["--rscript", "no-such-command-at-all"]
    out = ["--out", str(tmp_path / "out")]
    assert main(["run", "--oracle", "live", *missing, *out]) == 2
    assert "'no-such-command-at-all' did not start an R" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not os.path.exists(tmp_path / "out")


# What an R elsewhere is: words that a second shell reads again, another locale, another disk


SSH = """#!/bin/sh
# As ssh does: the words are joined with blanks, and a shell of the other machine reads them. That
# machine has its own environment, not ours.
shift
exec env -i PATH="$PATH" HOME="$HOME" LC_ALL={locale} sh -c "$*"
"""


def remote(folder, locale="C"):
    """Return a command that starts R as ``ssh host Rscript`` would, by a path with a blank."""
    path = folder / "my tools" / "ssh"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SSH.format(locale=locale), "utf-8")
    path.chmod(0o755)
    return f"'{path}' host.example Rscript"


@pytest.mark.live_r
@pytest.mark.parametrize("locale", ["C", "no_SUCH.locale"])
def test_an_r_behind_a_remote_shell_answers_bit_for_bit(locale, tmp_path, case_of):
    here, there = LiveOracle(), LiveOracle(command=remote(tmp_path, locale))
    try:
        for name in ("dyestuff/REML/vcov", "sleepstudy-slope/ML/ranef", "stream/rnorm"):
            case = case_of(name)
            one, other = here.answer(case).value, there.answer(case).value
            assert one.numbers.tobytes() == other.numbers.tobytes()
            assert one.names == other.names
    finally:
        here.close()
        there.close()


TEXT = pd.DataFrame(
    {
        "y": np.random.default_rng(1).normal(size=140) + np.repeat(np.arange(20.0), 7),
        "f": np.tile(["b", "A", "a", "B", "_x", "ä", "é"], 20),
        "g": np.repeat([f"g{i}" for i in range(20)], 7),
    }
)


@pytest.mark.live_r
@pytest.mark.parametrize("where", ["rpy2", "C", "C.UTF-8"])
def test_text_is_sorted_and_spelled_alike_in_every_locale(where, tmp_path):
    # R sorts text by its locale: with ICU "a" comes before "B", and in C "ä" is not a letter.
    command = None if where == "rpy2" else remote(tmp_path, where)
    own = own_model("y ~ f + (1 | g)", TEXT, name="text")
    case = next(case for case in cases_for(own).cases if case.quantity == "fixef")
    oracle = LiveOracle(command=command, frames=Frames({"text": own.frame}))
    try:
        answer = oracle.answer(case).value
    finally:
        oracle.close()
    ours = bm.lmer("y ~ f + (1 | g)", TEXT).fixef
    assert answer.rows == ("(Intercept)", "fB", "f_x", "fa", "fb", "fä", "fé")
    assert list(answer.rows) == ours.index.tolist()


@pytest.mark.live_r
def test_a_line_may_be_longer_than_a_million_characters():
    # substring() of R ends there unless it is told otherwise.
    values = np.random.default_rng(2).normal(size=60_000)
    column = {"kind": "numeric", "values": values.tolist(), "missing": []}
    process = RProcess(command="Rscript")
    try:
        said = process.ask({"verb": "data", "name": "long", "columns": {"x": column}})
        assert said["status"] == "ok"
        said = process.ask(
            {"verb": "answer", "request": {"quantity": "echo", "inputs": {"data": "long"}}}
        )
    finally:
        process.close()
    assert Value.from_json(said["value"]).numbers[:, 0].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("command", "said"),
    [("Rscript 'unclosed", "No closing quotation"), ("  ", "it is empty"), ("''", "")],
)
def test_a_command_that_is_no_command_is_named(command, said):
    process = RProcess(command=command)
    with pytest.raises(RUnavailableError, match=f"did not start an R that answers.*{said}"):
        process.ask({"verb": "environment"})


def test_a_command_s_own_complaint_is_repeated(tmp_path):
    complaint = "ssh: Could not resolve hostname nowhere"
    body = f"import sys; print({complaint!r}, file=sys.stderr); raise SystemExit(255)"
    process = RProcess(command=script(tmp_path, body))
    with pytest.raises(
        RUnavailableError, match=f"ended with status 255; it said last: {complaint}"
    ):
        process.ask({"verb": "environment"})


def test_a_command_that_waits_for_a_password_is_given_up(tmp_path):
    process = RProcess(command=script(tmp_path, "import time; time.sleep(60)"), start_timeout=1.0)
    with pytest.raises(RUnavailableError, match="it did not answer within 1 s"):
        process.ask({"verb": "environment"})
