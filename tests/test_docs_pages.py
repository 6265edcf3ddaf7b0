"""What the pages of the documentation show at a Python prompt is what Python answers."""

import doctest
import re
from pathlib import Path

import pytest

import pybootmlm

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md") if "```pycon" in path.read_text("utf-8"))
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def differences(page: str, name: str) -> list[str]:
    """What the blocks ```pycon of a page, run one after the other, print otherwise."""
    # All else becomes empty lines, so that the numbers of lines in a message are the page's.
    kept, inside = [], False
    for line in page.split("\n"):
        fence = line.startswith("```")
        kept.append(line if inside and not fence else "")
        inside = line == "```pycon" if fence else inside
    examples = doctest.DocTestParser().get_doctest("\n".join(kept), {}, name, name, 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(examples, out=said.append)
    return said


def test_pages_with_examples_were_found():
    assert {"first_steps.md", "bootstraps.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_is_printed(page):
    assert differences((DOCS / page).read_text("utf-8"), page) == []


def test_the_reference_lists_every_public_name_once():
    listed = re.findall(r"^   (\w+)$", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    modules = {"datasets", "plotting", "statistics"}  # pages of their own there
    shown = {"list_datasets", "load_dataset"}  # among the data sets
    assert len(listed) == len(set(listed))
    assert set(listed) == set(pybootmlm.__all__) - modules - shown


def test_control_a_wrong_answer_is_seen():
    page = "Text\n\n```pycon\n>>> 1 + 1\n3\n```\n"
    assert "line 4" in differences(page, "page")[0]
    assert differences(page.replace("3", "2"), "page") == []
