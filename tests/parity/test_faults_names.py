"""Data with odd names and levels: the same model on both sides, or a refusal that names the column.

Not recorded but asked live: R's own answer to the same data, through both ways to R.
"""

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from parity.bridge.texts import unsendable
from parity.cases import Case, Model
from parity.data import columns_for_r
from parity.errors import CaseError, OracleError
from parity.frames import Frames
from parity.oracles.live import LiveOracle
from parity.verdict import Verdict
from pybootmlm.exceptions import DataError, FormulaError

COMMANDS = {"rpy2": None, "rscript": "Rscript"}

# Everything that a spreadsheet, a survey tool or an attacker may call a column.
NAMES = [
    "a b", "größe", "weight (kg)", "it's", 'say "x"', "if", "TRUE", "NULL", "NA", "T", "pi",
    "data", "c", ".5", "1", "_x", "x.y", "a:b", "a|b", "a~b", "(Intercept)", "x#y", "%in%", "日本",
    "😀", "e\u0301", "µ", " lead", "tab\tbed", "a,b", "$x", "a[1]", "line\nbreak", "%s",
    "Residual", "sigma", "I(x)", "log", "q('no')", "system('x')", "</script>", "a&b", "=1",
]  # fmt: skip
LEVELS = [
    "a b", "größe", "日本", "😀", "e\u0301", "\u00e9", "it's", 'say "x"', "back\\slash",
    "back`tick", "tab\there", "line\nbreak", "cr\rhere", "bell\x07", "del\x7f", "c1\x85", "NA",
    "NaN", "NULL", "TRUE", "1", "1.0", "01", "", " ", "a:b", "a|b", "\u2028", "\ufeff", "\u200b",
    "<b>", "&amp;", "%s", "{x}", "Inf", "-", "a\\n", "\U0010ffff", "\x02", "[red]", "\x1b[31m",
]  # fmt: skip

FORMULAS = {
    "names": "y ~ " + " + ".join(f"`{name}`" for name in NAMES) + " + (1 | `g g`)",
    "levels": "y ~ f + (1 | `g g`)",
    "text": "y ~ 1 + (1 | text)",
    "slope": "y ~ 1 + (`a b` | `g g`)",
    "nested": "y ~ 1 + (1 | `g g`:f)",
}


def odd_frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    groups = np.repeat(LEVELS, 8)
    frame = pd.DataFrame({name: rng.normal(size=len(groups)) for name in NAMES})
    frame["g g"] = pd.Categorical(groups, categories=LEVELS)
    frame["f"] = pd.Categorical(rng.permutation(groups), categories=LEVELS)
    frame["text"] = rng.permutation(groups)
    frame["y"] = rng.normal(size=len(groups)) + np.repeat(rng.normal(size=len(LEVELS)), 8)
    return frame


def model_of(formula: str, **fields) -> Model:
    return Model(id=f"{formula}/REML", data="own", formula=formula, reml=True, **fields)


@pytest.fixture(scope="module", params=COMMANDS)
def odd(request, make_runner):
    """Return a maker of verdicts on the odd data, through one way to R."""
    frames = Frames({"own": odd_frame()})
    oracle = LiveOracle(120, COMMANDS[request.param], frames)
    runner = make_runner(oracle=oracle)
    runner.frames = frames

    def decide(formula, quantity, tolerance):
        case = Case(f"odd/{quantity}", "lmer.fixef", quantity, tolerance, model_of(formula))
        return runner.decide(case).finding

    yield decide
    oracle.close()


@pytest.mark.live_r
@pytest.mark.parametrize("formula", FORMULAS)
def test_odd_names_and_levels_are_the_same_to_both(formula, odd, case_of):
    for quantity in ("fixef", "vcov", "ranef", "varcorr", "fitted", "optimum"):
        tolerance = case_of(f"sleepstudy-slope/REML/{quantity}").tolerance
        finding = odd(FORMULAS[formula], quantity, tolerance)
        assert (finding.verdict, quantity) == (Verdict.MATCH, quantity), finding.reason


@pytest.mark.live_r
def test_control_a_level_that_differs_is_seen(make_runner, case_of):
    """One character of one level."""
    frame = odd_frame()
    changed = frame.assign(text=frame["text"].replace("😀", "😁"))
    oracle = LiveOracle(120, None, Frames({"own": changed}))
    runner = make_runner(oracle=oracle)
    runner.frames = Frames({"own": frame})
    tolerance = case_of("sleepstudy-slope/REML/ranef").tolerance
    model = model_of(FORMULAS["text"])
    try:
        finding = runner.decide(Case("odd/ranef", "lmer.ranef", "ranef", tolerance, model)).finding
    finally:
        oracle.close()
    assert finding.verdict is Verdict.MISMATCH
    assert "only R has ['text|😁|(Intercept)']" in finding.reason


@pytest.mark.parametrize("way", COMMANDS)
@pytest.mark.parametrize("where", ["level", "text", "name"])
def test_what_r_cannot_hold_is_not_sent(way, where):
    """R would cut 'a\\0b' and 'a\\0c' to the same level. No R is started for it."""
    text = "nul\0here"
    frame = {
        "level": pd.DataFrame({"Subject": pd.Categorical([text, "b"])}),
        "text": pd.DataFrame({"Subject": [text, "b"]}),
        "name": pd.DataFrame({text: [1.0, 2.0]}),
    }[where]
    oracle = LiveOracle(1, COMMANDS[way], Frames({"own": frame}))
    column = r"'nul\\x00here'" if where == "name" else "'Subject'"
    expected = (
        rf"column {column} is not sent to R: 'nul\\x00here' holds a NUL character, which ends a "
        "text in R; replace it in the data"
    )
    with pytest.raises(OracleError, match=expected):
        oracle._send_data("own", frame)
    assert not oracle._process.running


def test_every_text_of_a_question_is_looked_at():
    assert unsendable({"inputs": {"seed": 1, "scale": [1.0], "x": None, "b": True}}) is None
    assert unsendable({"inputs": {"statistics": ["sigma", "a\0"]}}) is not None
    assert unsendable({"a\0": 1}) is not None
    half = unsendable({"levels": ["half \ud83d"]})
    assert half == "'half \\ud83d' holds half of a surrogate pair, which is no character"


def sleepstudy(**columns) -> pd.DataFrame:
    return bm.load_dataset("sleepstudy").assign(**columns)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.concat([sleepstudy(), sleepstudy()[["Days"]]], axis=1), "'Days' occurs more than once"),
        (sleepstudy().rename(columns={"Days": 1}).assign(**{"1": 0.0}), "'1' occurs more than"),
        (sleepstudy(at=pd.Timestamp("2020-01-01")), "column 'at' has type datetime64"),
        (sleepstudy(z=1j), "column 'z' has type complex128"),
        (sleepstudy(z=[[1]] * 180), "column 'z' has type object"),
        (sleepstudy(z=[1, "a", None] * 60), "column 'z' has type object"),
    ],
    ids=["twice", "twice as text", "date", "complex", "lists", "mixed"],
)
def test_columns_without_a_counterpart_are_named(frame, said):
    with pytest.raises(CaseError, match=said):
        columns_for_r(frame)


@pytest.mark.parametrize("way", COMMANDS)
@pytest.mark.live_r
def test_numbers_at_the_edge_arrive(way):
    """Infinities and whole numbers too large for R's integers, and -2^31, which is its NA."""
    frame = pd.DataFrame(
        {
            "x": [np.inf, -np.inf, 1.0, np.nan],
            "k": [2**31, -(2**31), 2**53, 0],
            "i": [2**31 - 1, -(2**31) + 1, 0, 1],
        }
    )
    oracle = LiveOracle(60, COMMANDS[way], Frames({"own": frame}))
    try:
        oracle._send_data("own", frame)
        request = {"model": None, "quantity": "echo", "inputs": {"data": "own"}}
        said = oracle._process.ask({"verb": "answer", "request": request})
    finally:
        oracle.close()
    assert said["value"]["data"] == [
        *("Inf", "-Inf", 1, "NA"), *(2**31, -(2**31), 2**53, 0), *(2**31 - 1, -(2**31) + 1, 0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y ~ if + (1 | g)", "`if` is a word of R's own; a column of that name is written in"),
        ("y ~ NA + (1 | g)", "`NA` is a word of R's own"),
        ("y ~ I(NULL) + (1 | g)", "`NULL` is a word of R's own"),
        ("y ~ `a\\b` + (1 | g)", "a backslash begins an escape in R, even in backticks"),
        ("y ~ `.` + (1 | g)", "`.` means all other columns in R, even in backticks"),
        ("y ~ `` + (1 | g)", "there is no name in these backticks"),
    ],
)
def test_names_that_r_reads_otherwise_are_refused(formula, said):
    frame = pd.DataFrame({"y": [1.0], "g": ["a"], "if": [1.0], "a\\b": [1.0], ".": [1.0]})
    with pytest.raises(FormulaError) as caught:
        bm.lmer(formula, frame)
    assert said in str(caught.value)


def test_a_name_that_occurs_twice_is_refused():
    frame = pd.concat([sleepstudy(), sleepstudy()[["Days"]]], axis=1)
    with pytest.raises(DataError, match="column `Days` occurs 2 times in `data`: rename or drop"):
        bm.lmer("Reaction ~ Days + (1 | Subject)", frame)
