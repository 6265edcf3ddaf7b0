"""docs/r_objects.md runs, R's blocks and Python's in turn, each on what the other has written."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "r_objects.md"


@pytest.mark.live_r
def test_the_page_runs(tmp_path, monkeypatch):
    pytest.importorskip("rdata", reason="needs pybootmlm[data]")
    monkeypatch.chdir(tmp_path)
    names = {}
    blocks = re.findall(r"```(r|python)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [language for language, _ in blocks] == ["r", "python", "python", "r"]
    for language, code in blocks:
        if language == "python":
            exec(code, names)
            continue
        whole = "suppressMessages(library(lme4)); pdf(NULL)\n" + code
        done = subprocess.run(
            ["Rscript", "--vanilla", "-e", whole],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert "Based on 999 bootstrap replicates" in done.stdout
    assert max(names["read"].agreement.values()) < 1e-9
    assert 0 <= names["read"].rise < 1e-6
    again = names["read_boot"]("boot.rds")
    assert np.array_equal(again.t, names["boot"].t)
