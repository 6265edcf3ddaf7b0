"""A disk that fills, a folder that cannot be written, two runs at once: never a mixed report."""

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from parity.cli import main
from parity.environment import python_environment, r_environment
from parity.errors import WriteError
from parity.report import Report
from parity.report.write import write_report
from parity.requirements import load_requirements
from parity.writing import check_folder, write_together, write_whole

ROOT = Path(__file__).parents[2]
NAMES = ("results.json", "junit.xml", "index.html")
OLD, NEW = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def report(case_of, make_runner, recorded) -> Report:
    runner = make_runner()
    names = ["dyestuff/REML/sigma", "sleepstudy-slope/REML/varcorr"]
    return Report(
        results=runner.run([case_of(name) for name in names]),
        oracle="recorded",
        implementation="pybootmlm",
        python=python_environment(),
        r=r_environment(recorded.environment()),
        requirements=load_requirements(),
        tolerances=runner.tolerances,
        deviations=runner.deviations,
        started=OLD,
        seconds=1.0,
    )


def runs_in(folder: Path) -> dict[str, str]:
    """Which run each file of a folder is of; anything else that lies there by its name."""
    found = {}
    for path in folder.iterdir():
        text = path.read_text("utf-8")
        found[path.name] = "old" if OLD in text else "new" if NEW in text else "?"
    return found


# Every call by which writing can fail, by the module attribute that makes it.
CALLS = {
    "mkstemp": "parity.writing.tempfile.mkstemp",
    "write": "parity.writing.os.fdopen",
    "fsync": "parity.writing.os.fsync",
    "chmod": "parity.writing.Path.chmod",
    "unlink": "parity.writing.Path.unlink",
    "replace": "parity.writing.Path.replace",
}


class FailsAt:
    """A function that fails when it is called for the n-th time."""

    def __init__(self, function, at, error):
        self.function, self.at, self.error, self.calls = function, at, error, 0

    def __call__(self, *arguments, **options):
        self.calls += 1
        if self.calls == self.at:
            raise self.error
        return self.function(*arguments, **options)

    def __get__(self, owner, kind=None):
        return lambda *arguments, **options: self(owner, *arguments, **options)


@pytest.mark.parametrize("before", ["nothing", "an earlier report"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "Ctrl-C"]
)
def test_wherever_writing_fails_no_two_runs_lie_side_by_side(
    before, call, error, tmp_path, monkeypatch
):
    module, _, name = CALLS[call].removeprefix("parity.writing.").rpartition(".")
    owner = getattr(sys.modules["parity.writing"], module)
    expected = WriteError if isinstance(error, OSError) else KeyboardInterrupt
    failures = 0
    for at in range(1, 20):
        folder = tmp_path / str(at)
        if before != "nothing":
            write_together(folder, dict.fromkeys(NAMES, OLD))
        with monkeypatch.context() as patch:
            counted = FailsAt(getattr(owner, name), at, error)
            patch.setattr(owner, name, counted)
            raised = fails(write_together, folder, dict.fromkeys(NAMES, NEW))
        if raised is None:
            break
        failures += 1
        assert isinstance(raised, expected)
        left = runs_in(folder) if folder.exists() else {}
        assert left in ({}, dict.fromkeys(NAMES, "old"))
        if before != "nothing" and isinstance(raised, WriteError):
            assert raised.kept == bool(left)
    assert runs_in(folder) == dict.fromkeys(NAMES, "new")
    assert failures == len(NAMES)  # each file's, one after the other


def fails(action, *arguments) -> BaseException | None:
    try:
        action(*arguments)
    except BaseException as error:
        return error
    return None


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
@pytest.mark.parametrize(
    ("limit", "too_large"), [(1000, {"results.json", "index.html"}), (8000, {"index.html"})]
)
def test_a_disk_that_is_really_full(limit, too_large, report, tmp_path):
    """The operating system refuses to write past a size: from the first or the last file on."""
    write_report(report, tmp_path)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert all(sizes[name] > 1.3 * limit for name in too_large)
    code = f"""
        import resource, sys
        from parity.cli import main
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        sys.exit(main(["run", "--case", "dyestuff/REML/sigma", "--out", {str(tmp_path)!r}]))
    """
    done = run_python(code)
    assert done.returncode == 2
    assert "Pass: 1 cases: 1 match" in done.stdout  # the run is not lost with its report
    assert re.search(
        r"parity: '.*' cannot be written: File too large; nothing of it was left there, what was "
        r"there before is as it was\. Free space, get the right to write, or choose another place",
        " ".join(done.stderr.split()),
    )
    assert runs_in(tmp_path) == dict.fromkeys(NAMES, "old")


def run_python(code: str, **options) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=False, env=environment, **options,
    )  # fmt: skip


def run_to(out, capsys) -> tuple[int, str]:
    """Run one case into a folder; return the status and what was said on stderr, on one line."""
    status = main(["run", "--case", "dyestuff/REML/sigma", "--out", str(out)])
    return status, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("place", ["report", "report/inside", "report/far/inside"])
def test_the_place_is_a_file(place, tmp_path, capsys, monkeypatch):
    """Found out before the run, not after it."""
    monkeypatch.setattr("parity.commands.run.compare_cases", lambda *_a, **_k: pytest.fail("ran"))
    (tmp_path / "report").write_text("mine")
    status, said = run_to(tmp_path / place, capsys)
    assert status == 2
    assert f"'{tmp_path / place}' cannot be written: '{tmp_path / 'report'}' is a file" in said
    assert (tmp_path / "report").read_text() == "mine"


def test_a_file_of_the_report_is_a_folder(tmp_path, capsys):
    (tmp_path / "junit.xml").mkdir()
    status, said = run_to(tmp_path, capsys)
    assert status == 2
    assert "there is a folder of the name 'junit.xml' in it" in said
    assert [path.name for path in tmp_path.iterdir()] == ["junit.xml"]


def test_a_folder_without_the_right_to_write(tmp_path, capsys, monkeypatch):
    """Before the run; root has every right, so the system's answer is put in its mouth."""
    monkeypatch.setattr("parity.writing.os.access", lambda path, _mode, **_: path != tmp_path)
    monkeypatch.setattr("parity.writing.os.supports_effective_ids", set())
    monkeypatch.setattr("parity.commands.run.compare_cases", lambda *_a, **_k: pytest.fail("ran"))
    status, said = run_to(tmp_path / "new" / "report", capsys)
    assert status == 2
    assert f"there is no right to write in '{tmp_path}'" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="users and rights as POSIX has them")
def test_a_right_that_is_lost_during_the_run(report, tmp_path):
    """The system refuses in the end, and the earlier report stays."""
    write_report(report, tmp_path)
    tmp_path.chmod(0o555)
    code = f"""
        import os
        from pathlib import Path
        from parity.errors import WriteError
        from parity.writing import check_folder, write_together
        folder = Path({str(tmp_path)!r})
        folder.exists()
        if os.getuid() == 0:
            os.setegid(65534)
            os.seteuid(65534)
        for attempt in (lambda: write_together(folder, {{"a": "b"}}), lambda: check_folder(folder)):
            try:
                attempt()
            except WriteError as error:
                print(error)
    """
    ours = tmp_path.parent
    while ours.parent != Path(tempfile.gettempdir()) and ours.parent != ours:
        ours.chmod(0o755)  # so that another user gets there at all
        ours = ours.parent
    ours.chmod(0o755)
    done = run_python(code)
    tmp_path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "cannot be written: Permission denied; nothing of it was left there" in first
    assert f"there is no right to write in '{tmp_path}'" in second
    assert runs_in(tmp_path) == dict.fromkeys(NAMES, "old")


@pytest.mark.skipif(sys.platform == "win32", reason="users and rights as POSIX has them")
def test_a_folder_that_may_not_be_looked_into(tmp_path):
    """Not even whether the report's folder exists can be said."""
    tmp_path.chmod(0o700)
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o000)
    code = f"""
        import os
        from pathlib import Path
        from parity.errors import WriteError
        from parity.writing import check_folder
        folder = Path({str(hidden)!r}) / "report"
        if os.getuid() == 0:
            os.setegid(65534)
            os.seteuid(65534)
        try:
            check_folder(folder)
        except WriteError as error:
            print(error)
    """
    done = run_python(code)
    hidden.chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert f"there is no right to look at '{hidden / 'report'}'" in done.stdout


def test_other_files_in_the_folder_are_left_alone(report, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_report(report, tmp_path)
    write_report(replace(report, started=NEW), tmp_path)
    assert runs_in(tmp_path) == {**dict.fromkeys(NAMES, "new"), "notes.txt": "?"}


def test_two_runs_into_one_folder_leave_one_of_them_whole(tmp_path):
    """Four processes write the same folder as fast as they can; somebody looks on."""
    code = """
        import sys
        from pathlib import Path
        from parity.writing import write_together
        for _ in range(60):
            text = sys.argv[1] * 50_000
            write_together(Path(sys.argv[2]), {"a": text, "b": text, "page": text})
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen([*command, name, str(tmp_path)], env=environment) for name in "1234"
    ]
    while any(writer.poll() is None for writer in writers):
        # While somebody writes, files may be absent; a page is only there beside its own.
        for path in tmp_path.glob("page"):
            text = read_if_there(path)
            assert text == "" or (len(text) == 50_000 and len(set(text)) == 1)
    assert [writer.returncode for writer in writers] == [0] * 4
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(found) == {"a", "b", "page"}
    assert len(set(found.values())) == 1


def read_if_there(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def test_control_writing_one_after_the_other_would_mix_them(tmp_path, monkeypatch):
    """Without the turns, a writer that is held up leaves its page beside another's numbers."""
    real, held = Path.replace, []

    def slow(path, target):
        if target.name == "page" and not held:
            held.append(path)
            write_together(tmp_path, {"a": "two", "page": "two"})
        return real(path, target)

    monkeypatch.setattr("parity.writing._alone", lambda _folder: nullcontext())
    monkeypatch.setattr("parity.writing.Path.replace", slow)
    write_together(tmp_path, {"a": "one", "page": "one"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a": "two",
        "page": "one",
    }


def test_text_that_is_no_text_is_written_so_that_it_can_be_read(tmp_path):
    """Half a surrogate pair, as in a file name that is not UTF-8: JSON reads it back."""
    write_whole(tmp_path / "a.json", json.dumps("half \ud800 of it", ensure_ascii=False))
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == "half \ud800 of it"


def test_check_folder_makes_nothing(tmp_path):
    check_folder(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
