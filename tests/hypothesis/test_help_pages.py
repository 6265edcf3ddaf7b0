"""The examples on the help pages of lme4, lmerTest and pbkrtest print here what they print in R.

`help_pages.json` was made by help_pages.R beside it, and names its versions and the source of the
data that are not packaged; help_pages.py has the examples. Tables, tests and summaries are compared
word by word, what R prints of plain numbers number by number. A number may differ by one in its
last printed digit: half of that is R's rounding, and lme4 stops a little before the optimum. Where
R prints more than five digits, which is what its optimum has, those must agree.

Not here: plots, structures of R objects, other classes of models, lmerTest's `step` and
`show_tests`, pbkrtest's tests of linear models, and what an example leaves to chance.
"""

import importlib.util
import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("help_pages", HERE / "help_pages.py")
assert _SPEC is not None
assert _SPEC.loader is not None
pages = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(pages)
PAGES, SHOWN = pages.PAGES, pages.RECORD["shown"]
# Singular fits and an empty cell are among the examples.
pytestmark = pytest.mark.filterwarnings("ignore::pybootmlm.exceptions.PybootmlmWarning")

# Digits that lme4's optimum has, as a relative difference; p-values in the tail have fewer.
DIGITS, ROOM, TAIL = 1e-5, 5e-4, 5e-3
# Here it has not even those: theta differs by 1e-4 where lme4 stops.
EARLY = {"lme4 sleepstudy 2", "lme4 VarCorr 1", "lmerTest carrots 1"}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?")


def near(ours: float, theirs: str, early: bool) -> bool:
    """Whether a number is the one that R printed, to its last digit or its fourth."""
    mantissa, _, exponent = theirs.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    value = float(theirs)
    room = unit * 1.001  # of two numbers rounded to this digit
    if early or unit < DIGITS * abs(value):
        room = max(room, (TAIL if abs(value) < 1e-4 else ROOM) * abs(value))
    return abs(ours - value) <= room


def words(lines: Iterable[str]) -> list[str]:
    """What a reader compares: not the names of data, lme4's word on its optimiser, or blanks."""
    left = " ".join(
        line for line in lines if not line.lstrip().startswith(("Data:", "optimizer ("))
    )
    left = left.replace("((1 | Subject) + (0 + Days | Subject))", "(Days || Subject)")
    return left.replace("<", "< ").split()


def same_text(ours: str, theirs: list[str], early: bool) -> list[str]:
    """The words that differ."""
    one, other = words(ours.split("\n")), words(theirs)
    if len(one) != len(other):
        return [f"{len(one)} words instead of {len(other)}:\n{ours}"]
    return [
        f"{mine} instead of {word}"
        for mine, word in zip(one, other, strict=True)
        if mine != word
        and not (
            NUMBER.fullmatch(word) and NUMBER.fullmatch(mine) and near(float(mine), word, early)
        )
    ]


def same_numbers(ours: Iterable[float], theirs: list[str], early: bool) -> list[str]:
    """The numbers that differ; of ``< 2.2e-16`` ours is to be below. Row numbers do not count."""
    of_fit = [k for k, line in enumerate(theirs) if re.match("REML crit| +AIC +BIC", line)]
    lines = theirs[of_fit[0] :] if of_fit else theirs
    heads = re.compile(r"Signif|  Confidence| +2\.5 %")
    lines = [re.sub(r"^\d+ ", "", line) for line in lines if not heads.match(line)]
    found = [word.strip(",;") for word in words(lines)]
    numbers = [
        (word, found[k - 1] == "<") for k, word in enumerate(found) if NUMBER.fullmatch(word)
    ]
    mine = [float(x) for x in ours]
    if len(mine) != len(numbers):
        return [f"{len(mine)} numbers instead of {len(numbers)}: {mine}"]
    return [
        f"{x} instead of {word}"
        for x, (word, bound) in zip(mine, numbers, strict=True)
        if not (x < float(word) if bound else near(x, word, early))
    ]


def check(name: str, shown: list[str]) -> list[str]:
    answer, early = PAGES[name](), name in EARLY
    if isinstance(answer, str):
        return same_text(answer, shown, early)
    return same_numbers(answer, shown, early)


def test_where_r_stops_early_we_are_lower():
    carrots = pages.fit("Preference ~ sens2 + Homesize + (1 + sens2 | Consumer)", "carrots")
    distance = pages.fit(pages.DISTANCE, "Orthodont")
    criteria = [pages.late(pages.APART)[0], distance.criterion, carrots.criterion]
    assert (np.array(criteria) <= [float(x) for x in pages.RECORD["early"]]).all()


def test_every_example_that_was_recorded_is_here():
    assert sorted(PAGES) == sorted(SHOWN)


@pytest.mark.parametrize("name", PAGES)
def test_it_prints_what_r_prints(name: str):
    assert check(name, SHOWN[name]) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("lmerTest anova 1", "45.853", "45.855"),
        ("lmerTest anova 1", "***", "**"),
        ("lmerTest summary 1", "18.156", "18.163"),
        ("lme4 fixef 1", "10.46729", "10.47729"),
        ("lmerTest ranova 3", "150.03", "150.05"),
        ("pbkrtest kr-modcomp 3", "1.818747e+01", "1.820e+01"),
    ],
)
def test_control_another_number_or_word_is_seen(name: str, old: str, new: str):
    changed = [line.replace(old, new) for line in SHOWN[name]]
    assert changed != SHOWN[name]
    assert check(name, changed)


@pytest.mark.live_r("lmerTest", "pbkrtest")
def test_live_r_prints_the_same(tmp_path: Path):
    target = tmp_path / "help_pages.json"
    command = ["Rscript", str(HERE / "help_pages.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))["shown"]
    assert {name: wrong for name in live if (wrong := check(name, live[name]))} == {}
