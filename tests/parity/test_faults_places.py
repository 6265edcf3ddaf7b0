"""A read-only installation, a folder without rights or that is gone: who writes what, where.

Every file that Python opens for writing, makes, moves or removes is announced to an audit hook; so
what is written can be listed, whoever runs the tests (root may write everywhere).
"""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import parity

ROOT = Path(parity.__file__).parents[1]

# At once and not at the end: the process that holds R is killed when it is no longer needed.
HOOK = """
import json, os, sys
told = os.open(os.environ["TOLD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def tell(path):
    os.write(told, (json.dumps([os.getpid(), os.fsdecode(path)]) + "\\n").encode())
def hook(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, (str, bytes)) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            tell(path)
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink",
                   "os.chmod", "os.truncate", "shutil.rmtree", "tempfile.mkstemp"):
        tell(arguments[0])
sys.addaudithook(hook)
"""


def run_watched(
    tmp_path: Path, cwd: Path, *arguments: str
) -> tuple[int, str, list[tuple[int, str]]]:
    """Run the command; give its status, what it said on stderr, and all that it wrote."""
    hooks = tmp_path / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "sitecustomize.py").write_text(textwrap.dedent(HOOK))
    told = tmp_path / "told"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(hooks), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",  # Python's own caches are written only where they can be
        "TOLD": str(told),
    }
    done = subprocess.run(
        [sys.executable, "-m", "parity", *arguments],
        capture_output=True, text=True, check=False, cwd=cwd, env=environment,
    )  # fmt: skip
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    written = [(pid, os.path.join(cwd, path)) for pid, path in lines if path != os.devnull]
    return done.returncode, done.stderr, written


WAYS = {
    "recorded": [],
    "rpy2": ["--oracle", "live"],
    "rscript": ["--oracle", "live", "--rscript", "Rscript"],
}


@pytest.mark.parametrize(
    "way",
    [
        "recorded",
        pytest.param("rpy2", marks=pytest.mark.live_r),
        pytest.param("rscript", marks=pytest.mark.live_r),
    ],
)
def test_a_run_writes_into_its_report_and_nowhere_else(way, tmp_path):
    """So an installation that is read-only, and a folder without rights, are no obstacle."""
    cwd, out, scratch = (tmp_path / name for name in ("cwd", "out", "scratch"))
    for folder in (cwd, scratch):
        folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        patch.setenv("R_USER_CACHE_DIR", str(scratch))
        arguments = ["run", *WAYS[way], "--case", "dyestuff/REML/sigma", "--out", str(out)]
        status, said, written = run_watched(tmp_path, cwd, *arguments)
    assert (status, said) == (0, "")
    assert any(path.startswith(f"{out}/") for _, path in written)  # the hook sees what is written
    if way == "rpy2":
        assert len({process for process, _ in written}) > 1  # and in the process that holds R
    strangers = [path for _, path in written if not Path(path).is_relative_to(out)]
    strangers = [path for path in strangers if not Path(path).is_relative_to(scratch)]
    assert strangers == []
    assert list(cwd.iterdir()) == []


def test_a_list_writes_nothing(tmp_path):
    status, said, written = run_watched(tmp_path, tmp_path, "list")
    assert (status, said, written) == (0, "", [])


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_folder_that_is_gone(tmp_path):
    """The command is given in a folder that somebody has removed; no traceback, a message."""
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    gone = tmp_path / "gone"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments, status in ((["list"], 0), (["run", "--case", "dyestuff/REML/sigma"], 2)):
        gone.mkdir()
        done = subprocess.run(
            ["sh", "-c", script, "sh", str(gone), sys.executable, "-m", "parity", *arguments],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert "'report' cannot be written: No such file or directory" in " ".join(done.stderr.split())
