"""What the README shows is what happens."""

import contextlib
import io
import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found.group(1)


def without_trailing_blanks(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def test_the_ten_lines_run_and_print_the_summary_that_is_shown():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), "README.md", "exec"), {})
    shown = without_trailing_blanks(block("text"))
    assert without_trailing_blanks(printed.getvalue())[: len(shown)] == shown
    # A summary of another model is told apart.
    assert shown != without_trailing_blanks(printed.getvalue())[1 : len(shown) + 1]
