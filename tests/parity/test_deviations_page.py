"""The page "Where R and we differ" says what the table says."""

from dataclasses import replace
from pathlib import Path

import pytest

from parity.deviations import load_deviations
from parity.shown.page import page_text

PAGE = Path(__file__).parents[2] / "docs" / "deviations.md"


@pytest.fixture(scope="module")
def text():
    return page_text(load_deviations())


def test_the_page_is_the_one_that_the_table_gives(text):
    again = "write it again: parity deviations --page docs/deviations.md"
    assert PAGE.read_text("utf-8") == text, again


def test_every_entry_is_there_with_its_code_and_both_answers(text):
    for entry in load_deviations():
        part = text.partition(f"({entry.id})=\n### ")[2].partition(")=\n### ")[0]
        assert entry.example.r.strip() in part
        assert entry.example.python.strip() in part
        assert part.count("#> ") >= 2
        assert text.count(f"(#{entry.id})") == 1


def test_control_another_word_in_the_table_is_another_page(text):
    first, *rest = load_deviations()
    changed = replace(first, instead=f"{first.instead} Indeed.")
    assert page_text((changed, *rest)) != text
