"""Ctrl-C, a pipe that nobody reads, a terminal that is narrow or knows few characters."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import parity.run
from parity.cli import main

ROOT = Path(__file__).parents[2]
RUN = ["run", "--case", "cake-interaction/REML/*"]


def command(*arguments, **environment):
    return {
        "args": [sys.executable, "-m", "parity", *arguments],
        "env": {**os.environ, "PYTHONPATH": str(ROOT), **environment},
    }


def test_ctrl_c_in_the_middle(tmp_path, capsys, monkeypatch):
    """What is finished is not reported: half a run that passes has proved nothing."""
    out = tmp_path / "report"
    assert main([*RUN, "--out", str(out)]) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    decide, seen = parity.run.Runner.decide, []

    def interrupted(runner, case):
        seen.append(case)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return decide(runner, case)

    monkeypatch.setattr("parity.run.Runner.decide", interrupted)
    capsys.readouterr()
    assert main([*RUN, "--out", str(out)]) == 130
    printed = capsys.readouterr()
    assert " ".join(printed.err.split()) == f"parity: interrupted: no report was written to {out}"
    assert "Pass" not in printed.out
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def descendants(pid: int) -> list[int]:
    """Living processes below one (Linux: /proc)."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(entry.parent.name)] = int(fields[1])
    found, waiting = [], [pid]
    while waiting:
        children = [child for child, parent in parents.items() if parent == waiting[0]]
        found += children
        waiting = waiting[1:] + children
    return found


def wait_until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


@pytest.mark.live_r
@pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")
@pytest.mark.parametrize("way", [[], ["--rscript", "Rscript"]], ids=["rpy2", "rscript"])
@pytest.mark.parametrize("when", ["while R starts", "in a case"])
def test_ctrl_c_with_r_at_work(way, when, tmp_path):
    """The signal goes to the whole foreground group, as from a terminal. No R is left."""
    out = tmp_path / "report"
    arguments = ["run", "--oracle", "live", *way, "--out", str(out), "--case", "hsb*/optimum"]
    process = subprocess.Popen(
        **command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    wait_until(lambda: descendants(process.pid))
    if when == "in a case":
        time.sleep(4)
    started = descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=30)
    assert (process.returncode, " ".join(said[1].split())) == (
        130,
        f"parity: interrupted: no report was written to {out}",
    )
    assert started
    wait_until(lambda: not [pid for pid in started if Path(f"/proc/{pid}/stat").exists()])
    assert not out.exists()


def test_head_closes_the_pipe_of_a_list():
    process = subprocess.Popen(
        **command("list"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().count("\t") == 2
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), said) == (141, "")  # 128 + SIGPIPE, and no traceback


def test_a_run_that_nobody_reads_writes_its_report(tmp_path):
    process = subprocess.Popen(
        **command(*RUN, "--out", str(tmp_path)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), said) == (141, "")
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["passed"] is True
    assert (tmp_path / "index.html").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the output")
def test_an_output_that_is_closed(tmp_path):
    arguments = command(*RUN, "--out", str(tmp_path))
    line = '"$@" >&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *arguments["args"]], env=arguments["env"],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "index.html").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_on_a_full_disk(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            **command("list"), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("parity: [Errno 28] No space left on device\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("encoding", "columns"), [("ascii", "12"), ("latin-1", "40"), ("utf-8", "300")]
)
def test_a_terminal_that_is_narrow_or_knows_few_characters(encoding, columns, tmp_path):
    done = subprocess.run(
        **command(*RUN, "--out", str(tmp_path), PYTHONIOENCODING=encoding, COLUMNS=columns),
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    said = "".join(done.stdout.decode(encoding).split())
    assert "Pass:" in said


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_message_with_characters_that_the_terminal_lacks(encoding):
    """Even half a surrogate pair, as Python gives a file name that is not UTF-8."""
    case = b"\xce\xb8\xff*" if sys.platform == "linux" else "θ*"
    done = subprocess.run(
        **command("run", "--case", case, PYTHONIOENCODING=encoding), capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"fits none of the" in done.stderr
    assert ("θ" if encoding == "utf-8" else r"\u03b8").encode() in done.stderr


def test_a_timeout_that_is_none(capsys):
    for text in ("0", "-1", "nan", "soon"):
        with pytest.raises(SystemExit) as ending:
            main(["run", "--oracle", "live", f"--timeout={text}"])
        assert ending.value.code == 2
        assert "a number of seconds above 0" in " ".join(capsys.readouterr().err.split())


def test_an_r_that_would_not_be_asked(capsys):
    """`--rscript` without `--oracle live` would compare with the record, and look like R."""
    assert main(["run", "--rscript", "Rscript"]) == 2
    assert "`--rscript` needs `--oracle live`" in capsys.readouterr().err
