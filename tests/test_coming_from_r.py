"""docs/coming_from_r.md: every line of its tables runs, here and in R."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "coming_from_r.md").read_text("utf-8")
ROWS = [
    (one.replace("\\|", "|"), other.replace("\\|", "|"))
    for one, other in re.findall(r"^\| `(.*?)` \| `(.*?)` \|", PAGE, re.MULTILINE)
]
SETUP = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
R_SETUP = re.search(r"```r\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    assert SETUP is not None
    found: dict[str, object] = {}
    exec(SETUP[1], found)
    return found


def test_every_row_was_read():
    lines = [line for line in PAGE.split("\n") if line.startswith("| `")]
    assert len(ROWS) == len(lines) > 65


@pytest.mark.filterwarnings("ignore::pybootmlm.exceptions.IntervalWarning")
@pytest.mark.parametrize("code", [here for _, here in ROWS])
def test_python(code, names):
    if "plotting" in code:
        pytest.importorskip("matplotlib", reason="needs pybootmlm[plot]").use("Agg")
    assert eval(code, dict(names)) is not None
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.live_r
def test_r(tmp_path: Path):
    assert R_SETUP is not None
    script = tmp_path / "rows.R"
    # The snippet of standard errors needs an lme4 that has them; others, packages beside lme4.
    rows = [there for there, _ in ROWS]
    lines = [
        f"if (packageVersion('lme4') >= '1.1.35') invisible({row})"
        if "se.fit" in row
        else f"if (requireNamespace('{row.split('::')[0].split('(')[-1]}', quietly = TRUE)) "
        f"invisible({row})"
        if "::" in row
        else f"invisible({row})"
        for row in rows
    ]
    script.write_text("\n".join([R_SETUP[1], *lines, 'cat("all ran")']), encoding="utf-8")
    made = subprocess.run(
        ["Rscript", str(script)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert made.stdout.endswith("all ran"), made.stderr


def test_control_a_line_that_does_not_run_is_seen(names):
    with pytest.raises(AttributeError):
        eval("fit.no_such_method()", dict(names))
