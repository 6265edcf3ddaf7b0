"""Without R a live test is skipped, with its reason; or it fails, where R was promised."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIVE = Path(__file__).parent / "datasets" / "test_datasets_against_r.py"


def run_without_r(*, required: bool) -> str:
    """Run one live test in a process that finds no R; give back what pytest printed."""
    environment = {**os.environ, "PATH": "", "PYBOOTMLM_REQUIRE_R": "1" if required else "0"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "Oxide", str(LIVE)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return run.stdout


@pytest.mark.parametrize(
    ("required", "outcome", "reason"),
    [
        (False, "1 skipped", "R is not installed"),
        (True, "1 error", "R is not installed, and PYBOOTMLM_REQUIRE_R=1 says it must be"),
    ],
)
def test_a_live_test_where_there_is_no_r(required, outcome, reason):
    printed = run_without_r(required=required)
    assert outcome in printed
    assert reason in printed
    assert "passed" not in printed


@pytest.mark.parametrize("required", [False, True])
def test_nothing_is_skipped_where_r_was_promised(required, tmp_path):
    """Neither a test nor a whole module, whatever is missing."""
    conftest = (Path(__file__).parent / "conftest.py").read_text("utf-8")
    (tmp_path / "conftest.py").write_text(conftest, "utf-8")
    (tmp_path / "test_one.py").write_text("import pytest\ndef test_it(): pytest.skip('no disk')\n")
    (tmp_path / "test_two.py").write_text("import pytest\npytest.importorskip('no_such')\n")
    environment = {**os.environ, "PYBOOTMLM_REQUIRE_R": "1" if required else "0"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    command += ["--continue-on-collection-errors"]
    run = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ("2 skipped" in run.stdout) is not required
    assert (run.returncode != 0) is required
    if required:
        assert "no disk; PYBOOTMLM_REQUIRE_R=1 lets nothing be skipped" in run.stdout
        assert "could not import 'no_such'" in run.stdout
