"""An R behind a command: the same protocol, the same bits, the same words when it fails."""

import os
import stat
import sys

import numpy as np
import pytest

from parity.bridge import RProcess
from parity.bridge.literals import literal
from parity.cli import main
from parity.errors import RUnavailableError, WorkerError
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
