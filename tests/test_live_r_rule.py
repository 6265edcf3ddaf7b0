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
