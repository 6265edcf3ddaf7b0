"""Formulas changed by formulas, against R's update(): update.json, made by update.R beside it."""

import json
import subprocess
from pathlib import Path

import pytest

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula.update import update_formula

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "update.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", RECORD["cases"], ids=lambda c: f"{c['old']}  |  {c['new']}")
def test_against_recorded_r(case):
    assert update_formula(case["old"], case["new"]) == case["text"]


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "update.R"
    assert RECORD["provenance"]["R"].startswith("R version")
    assert len(RECORD["cases"]) == 30


@pytest.mark.live_r
def test_against_live_r(tmp_path: Path):
    target = tmp_path / "update.json"
    command = ["Rscript", str(HERE / "update.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    for case in json.loads(target.read_text(encoding="utf-8"))["cases"]:
        assert update_formula(case["old"], case["new"]) == case["text"]


def test_an_offset_can_be_removed():
    """R leaves it where it is: no test above has this."""
    assert update_formula("y ~ x + offset(z) + (1 | g)", ". ~ . - offset(z)") == "y ~ x + (1 | g)"


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (". ~ . - (1 | g)", "the model has no random term"),
        (". ~ .^2", r"can only be added, and this multiplies \(1 \| g\)"),
        (". ~ . * (1 | g)", r"write `\+ \(x \| g\)`"),
        (". ~ . +", r"a term is missing after this `\+`\n\n    \. \+\n      \^"),
        (". ~ . + - + x y", "operator is missing"),
        ("", "must be text such as"),
        (None, "must be text such as"),
        ("a ~ b ~ c", "one `~` is expected"),
        (". ~ . + os.system(1)", "function `os.system` is not available"),
    ],
)
def test_bad_input_is_named(new, text):
    with pytest.raises(FormulaError, match=text):
        update_formula("y ~ x + (1 | g)", new)
