"""The page on studies: its code runs, and its table is the frame's columns."""

import re
from pathlib import Path
from typing import Any

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "study.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs(capsys: Any) -> None:
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, names)
    assert "[5 rows x 19 columns]" in capsys.readouterr().out
    assert names["own"].done.all()
    listed = re.search(r"\| column \| \|\n\|---\|---\|\n((?:\|.*\n)+)", TEXT)
    assert listed is not None
    columns = [name for row in listed[1].splitlines() for name in row.split("|")[1].split(",")]
    assert [name.strip() for name in columns] == list(names["study"].frame.columns)
