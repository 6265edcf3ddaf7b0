"""The gallery is what the translator writes today, and its scripts say in Python what R says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from parity.translate.gallery import page, translations
from parity.translate.verifying.run import Setting, verify_all
from parity.verdict import Verdict

FOLDER = Path(__file__).parents[3] / "docs" / "translate"
AGAIN = "write it again: python -m parity.translate.gallery docs/translate"
VERDICTS = json.loads((FOLDER / "verdicts.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def made():
    return translations(FOLDER)


def test_every_script_is_the_one_that_is_written_today(made):
    for one in made:
        kept = (FOLDER / one.name).with_suffix(".py").read_text("utf-8")
        assert kept == one.python, AGAIN
    assert len(made) == len(list(FOLDER.glob("*.py"))) >= 10


def test_the_page_is_made_of_the_scripts_and_the_verdicts(made):
    introduction = (FOLDER / "introduction.md").read_text("utf-8")
    assert FOLDER.with_suffix(".md").read_text("utf-8") == page(introduction, made, VERDICTS), AGAIN


def test_every_script_was_verified(made):
    assert set(VERDICTS) == {one.name for one in made}
    assert all(verdict["passed"] for verdict in VERDICTS.values())
    assert [one.name for one in made if not one.complete] == ["14_left_as_comments.R"]


def test_control_another_rule_writes_another_page(made):
    first, *rest = made
    changed = replace(first, python=first.python.replace("reml", "ml"))
    introduction = (FOLDER / "introduction.md").read_text("utf-8")
    other = replace(changed, python=changed.python.replace("print", "show"))
    assert page(introduction, [other, *rest], VERDICTS) != page(introduction, made, VERDICTS)


def needs_only_lme4(one) -> bool:
    """Whether a script attaches nothing that is missing where R has lme4 and boot."""
    return not any(f"library({name})" in one.r_text for name in ("bootmlm", "dplyr"))


@pytest.mark.live_r("boot")
def test_the_scripts_that_need_only_lme4_are_verified_here(made):
    chosen = [one for one in made if needs_only_lme4(one)]
    assert len(chosen) >= 8
    for found in verify_all(chosen, Setting(FOLDER)):
        bad = [(line.piece.line, item) for line in found.lines for item in line.items
               if item.verdict not in (Verdict.MATCH, Verdict.EXPLAINED)]  # fmt: skip
        assert bad == [], found.translation.name
        assert found.passed
