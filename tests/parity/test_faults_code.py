"""Formulas, names and case files that try to run code: only what the grammar knows reaches R.

Each attack, were it run in R or in Python, would make a file: the canary. The controls run the same
attacks where nothing guards, and there the canary appears, so its absence elsewhere says something.
"""

import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

import pybootmlm as bm
from parity.bridge import RProcess
from parity.bridge.literals import literal
from parity.cases import Case, Model
from parity.derived import derived
from parity.errors import CaseError, OracleError
from parity.frames import Frames
from parity.oracles.live import LiveOracle
from parity.paths import r_reference_folder
from parity.probes import probe_of
from pybootmlm.exceptions import PybootmlmError
from pybootmlm.formula import parse_formula
from pybootmlm.formula.expression import SIGNATURES

ROOT = Path(__file__).parents[2]
COMMANDS = {"rpy2": None, "rscript": "Rscript"}


@pytest.fixture
def canary(tmp_path):
    return tmp_path / "canary"


def attacks(canary: Path) -> list[str]:
    """Pieces of R that make the canary if they are evaluated, however deep they stand."""
    make = f"system('touch {canary}')"
    return [
        make,
        f'system("touch {canary}")',
        f"file.create('{canary}')",
        f"I({make})",
        f"I(eval(parse(text = \"{make}\")))",
        f"log({make})",
        f"poly(x, 2, raw = {make})",
        f"x[{make}]",
        f"x$y({make})",
        f"base::{make}",
        f"(function() {make})()",
        f"(\\() {make})()",
        f"{{ {make}; x }}",
        f"if (TRUE) {make} else x",
        f"do.call('file.create', list('{canary}'))",
        f"`system`('touch {canary}')",
        f"x; {make}",
        f"x\n{make}\n",
        f"x # \n {make}",
        f"(x <- {make})",
        f"({make} -> x)",
        f"x |> {make}",
        f"offset({make})",
        f"{make} * x",
        f"r\"({make})\"",
        f"local({make})",
    ]  # fmt: skip


def formulas(canary: Path) -> list[str]:
    """Every attack in every place of a formula, and those that rely on two ways of reading."""
    placed = [
        place.format(attack)
        for attack in attacks(canary)
        for place in (
            "{0} ~ x + (1 | g)", "y ~ {0} + (1 | g)", "y ~ x + ({0} | g)", "y ~ x + (1 | {0})",
            "y ~ x + (1 | g); {0}", "{0}; y ~ x + (1 | g)", "{{ {0}; y ~ x + (1 | g) }}",
            "({0}) ~ x + (1 | g)", "y ~ x + (1 | g) + offset({0})", "y ~ x:{0} + (1 | g/{0})",
        )
    ]  # fmt: skip
    make = f"system('touch {canary}')"
    # One reader takes a backslash in backticks for an escape, the other for itself.
    return [
        *placed,
        f"y ~ `a\\` + ` + {make} + (1 | g) #`",
        f"y ~ `a\\` + ` + I({make}) + (1 | g) # `",
        f"y ~ x + (1 | g) + `\\`` + {make} + `\\``",
        f"y ~ x + (1 | `g` + {make})",
    ]


def hostile_frame(canary: Path) -> pd.DataFrame:
    """Data in which the attacks are names of columns: who writes a formula may write the data."""
    sleep = bm.load_dataset("sleepstudy")
    frame = pd.DataFrame({"y": sleep["Reaction"], "x": sleep["Days"], "g": sleep["Subject"]})
    make = f"system('touch {canary}')"
    odd = [*attacks(canary), "a\\", f" + {make} + (1 | g) #", f" + I({make}) + (1 | g) # ", "\\"]
    return frame.assign(**dict.fromkeys(odd, sleep["Days"] + 0.5))


def ask_raw(process: RProcess, formula: str, **fields) -> dict:
    """Put a formula to R itself, past the grammar of Python."""
    model = {"data": "own", "formula": formula, "reml": True, **fields}
    request = {"model": model, "quantity": "sigma", "inputs": {}}
    return process.ask({"verb": "answer", "request": request})


@pytest.mark.live_r
@pytest.mark.parametrize("way", COMMANDS)
def test_no_formula_runs_code(way, canary):
    """Not through the grammar, and not past it: R looks at the formula itself."""
    frame = hostile_frame(canary)
    oracle = LiveOracle(60, COMMANDS[way], Frames({"own": frame}))
    try:
        oracle._send_data("own", frame)
        for number, formula in enumerate(formulas(canary)):
            model = Model(id=str(number), data="own", formula=formula, reml=True)
            case = Case(str(number), "lmer.sigma", "sigma", "deterministic", model)
            with pytest.raises(OracleError, match="the formula is not sent to R"):
                oracle.answer(case)
            said = ask_raw(oracle._process, formula)
            assert said["status"] == "error", formula
            assert not canary.exists(), formula
        assert ask_raw(oracle._process, "y ~ x + (1 | g)")["status"] == "ok"
    finally:
        oracle.close()


@pytest.mark.live_r
def test_control_unguarded_r_runs_them(canary, tmp_path):
    """`as.formula` and `model.frame` alone: the canary appears for most of the attacks."""
    sung = []
    script = tmp_path / "unguarded.R"
    lines = ["x <- y <- g <- 1", 'd <- data.frame(y = 1, x = 1, g = "a")']
    for attack in attacks(canary):
        text = literal(f"y ~ {attack}")
        lines.append(f"try(model.frame(as.formula({text}), d), silent = TRUE)")
        lines.append(f'cat(file.exists("{canary}"), "\\n"); unlink("{canary}")')
    script.write_text("\n".join(lines))
    done = subprocess.run(
        ["Rscript", "--vanilla", str(script)], capture_output=True, text=True, check=True
    )
    sung = [line.strip() == "TRUE" for line in done.stdout.splitlines() if line.strip()[:1] in "TF"]
    assert len(sung) == len(attacks(canary))
    assert sum(sung) >= 12


OPERANDS = ["x", "1", "I(x^2)", "log(y)", "poly(x, 2, raw = TRUE)", "`a b`", "factor(x)", "(x + x)"]
OPERATORS = [" + ", " - ", "*", ":", " %in% ", "/"]
STRANGERS = [
    "`", "\\", "#", "\n", ";", "'", '"', "{", "}", "[", "]", "$", "@", "<-", "=", "->", "|>", "::",
    "(", ")", "|", "~", "^", ",", "eval(", "function(x)", "\\(x)", "NULL", "NA", ".", "..1", "\t",
    "\u00a0", "é", "%", "%%", "!", "&&", "?", "2", "1e5", "0x1", "1L",
]  # fmt: skip


def random_formula(draw: random.Random, canary: Path) -> str:
    """Give a formula that can be read, in most cases with something strange put in somewhere."""
    text = draw.choice(OPERANDS)
    for _ in range(draw.randint(0, 4)):
        text += draw.choice(OPERATORS) + draw.choice(OPERANDS)
    text = f"y ~ {text} + (1 | g)"
    make = f"system('touch {canary}')"
    for _ in range(draw.choice([0, 0, 1, 1, 2, 3])):
        at = draw.randint(0, len(text))
        text = text[:at] + draw.choice([*STRANGERS, make, f"`{make}`"]) + text[at:]
    return text


@pytest.mark.live_r
def test_random_formulas_run_no_code_and_read_alike(canary):
    """What the grammar accepts, R's own look at it accepts too; what R refuses does not run."""
    draw = random.Random(4)
    frame = hostile_frame(canary).assign(**{"é": 1.0, "a b": 2.0})
    accepted = refused = 0
    process = RProcess(60)
    try:
        oracle = LiveOracle(60, None, Frames({"own": frame}))
        oracle._process.close()
        oracle._process = process
        oracle._send_data("own", frame)
        for _ in range(400):
            formula = random_formula(draw, canary)
            try:
                text = parse_formula(formula).text
            except PybootmlmError:
                refused += 1
                ask_raw(process, formula)
            else:
                accepted += 1
                said = ask_raw(process, text)
                error = str(said.get("error", ""))
                assert "a formula may not" not in error, formula
                assert "not a formula" not in error, formula
            assert not canary.exists(), formula
    finally:
        process.close()
    assert accepted > 80
    assert refused > 80


def test_r_s_list_of_functions_is_the_grammar_s():
    """One list in each language: what R lets through is what Python reads."""
    code = (r_reference_folder() / "formula.R").read_text("utf-8")
    listed = code.partition("formula_functions <- c(")[2].partition(")\n\n")[0]
    names = {part.strip().strip('"') for part in listed.replace("\n", " ").split('",')}
    operators = {"~", "+", "-", "*", "/", ":", "^", "%in%", "|", "||", "("}
    comparisons = {"<", ">", "<=", ">=", "==", "!="}
    assert names == set(SIGNATURES) | operators | comparisons


@pytest.mark.live_r
@pytest.mark.parametrize("field", ["weights", "offset"])
def test_weights_and_offset_are_columns_and_no_code(field, canary):
    make = f"system('touch {canary}')"
    frame = hostile_frame(canary)
    oracle = LiveOracle(60, None, Frames({"own": frame, "plain": frame[["y", "x", "g"]]}))

    def case(data, name):
        model = Model(
            id=f"{data}/REML", data=data, formula="y ~ x + (1 | g)", reml=True, **{field: name}
        )
        return Case("c", "lmer.sigma", "sigma", "deterministic", model)

    try:
        # As a column it is one, by that name; the fit is that of any other name.
        named = oracle.answer(case("own", make)).value.numbers
        assert named == pytest.approx(oracle.answer(case("own", f"I({make})")).value.numbers)
        with pytest.raises(OracleError, match="because its data have no column"):
            oracle.answer(case("plain", make))
        oracle._send_data("plain", frame[["y", "x", "g"]])
        said = oracle._process.ask(
            {
                "verb": "answer",
                "request": {
                    "model": {
                        "data": "plain", "formula": "y ~ x + (1 | g)", "reml": True, field: make,
                    },
                    "quantity": "sigma",
                    "inputs": {},
                },
            }
        )  # fmt: skip
        assert "the data have no column" in said["error"]
    finally:
        oracle.close()
    assert not canary.exists()


@pytest.mark.live_r
@pytest.mark.parametrize("way", COMMANDS)
def test_names_of_columns_data_and_quantities_are_no_code(way, canary):
    """A column's name once stood in backticks in what is sent to R, and could end them."""
    make = f"system('touch {canary}')"
    escape = f"x` = 1); {make}; list(`y"
    quote = f'x" = 1); {make}; list("y'
    frame = hostile_frame(canary)[["y", "x", "g"]].assign(**{escape: 1.0, quote: 2.0})
    name = f"own`; {make}; `"
    oracle = LiveOracle(60, COMMANDS[way], Frames({name: frame}))
    try:
        oracle._send_data(name, frame)
        said = oracle._process.ask(
            {
                "verb": "answer",
                "request": {"model": None, "quantity": "echo", "inputs": {"data": name}},
            }
        )
        assert said["value"]["names"][1][3:] == [escape, quote]
        for quantity in (f"sigma; {make}", make, "system", f"sigma'); {make}; ('"):
            request = {"model": None, "quantity": quantity, "inputs": {}}
            said = oracle._process.ask({"verb": "answer", "request": request})
            assert said["error"] == f"r_reference has no quantity '{quantity}'"
            with pytest.raises(CaseError, match="there is no quantity"):
                probe_of(quantity)
        model = Model(id="m", data=name, formula="y ~ x + (1 | g)", reml=True)
        case = Case("c", "lmer.sigma", "sigma", "deterministic", model)
        assert oracle.answer(case).value.numbers.size == 1
    finally:
        oracle.close()
    assert not canary.exists()


@pytest.mark.live_r
def test_control_backticks_alone_would_have_let_it_out(canary):
    escape = f"x` = 1); system('touch {canary}'); list(`y"
    subprocess.run(["Rscript", "--vanilla", "-e", f"list(`{escape}` = 1)"], check=True)
    assert canary.exists()


def test_r_code_of_a_file_is_not_run(case_of, canary):
    """Only code that the user of the command line gave is: a case that holds other code is not."""
    case = case_of("dyestuff/REML/sigma")
    oracle = LiveOracle(1)
    oracle._process.close()
    request = {**case.request(), "inputs": {"r_statistic": f"function(m) system('touch {canary}')"}}
    oracle._send_data = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(OracleError, match="it holds R code that nobody asked to run"):
        oracle._ask(case, request)
    assert not oracle._process.running


def python_attacks(canary: Path) -> list[str]:
    return [
        f"x.to_csv('{canary}')",
        f"x.to_pickle('{canary}')",
        f"@pd.io.common.os.system('touch {canary}')",
        f"@__builtins__['open']('{canary}', 'w')",
        f"__import__('os').system('touch {canary}')",
        f"x.map(lambda _: open('{canary}', 'w'))",
        f"x + open('{canary}', 'w')",
        "x; x",
        "x = 1",
        "[x for x in (1,)]",
        "x.values",
        "`x`.sum()",
    ]


def test_a_derived_column_runs_no_code(canary):
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    for attack in python_attacks(canary):
        with pytest.raises(CaseError, match="cannot be derived"):
            derived(frame, "new", attack)
        model = Model(id="m", data="own", formula="x ~ 1", reml=True, columns={"new": attack})
        with pytest.raises(CaseError, match="cannot be derived"):
            Frames({"own": frame}).of(model)
        assert not canary.exists(), attack


def test_control_pandas_eval_runs_them(canary):
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    sung = 0
    for attack in python_attacks(canary):
        try:
            frame.eval(attack, local_dict={"pd": pd})
        except Exception:
            continue
        finally:
            sung += canary.exists()
            canary.unlink(missing_ok=True)
    assert sung >= 2


def test_pybootmlm_runs_no_code_either(canary):
    """Nor compiles any: formulas are read by a grammar of our own."""
    frame = hostile_frame(canary)
    code = f"""
        import json, sys
        import pandas as pd
        import pybootmlm as bm
        from pybootmlm.exceptions import PybootmlmError
        bm.lmer("y ~ x + (1 | g)", pd.read_json(sys.argv[1]))
        events = []
        watched = ("os.system", "subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec")
        def hook(event, arguments):
            made = event == "open" and str(arguments[0]) == {str(canary)!r}
            built = event == "compile" and arguments[0] is not None and b"touch" in bytes(
                arguments[0] if isinstance(arguments[0], bytes) else str(arguments[0]).encode()
            )
            if event in watched or made or built:
                events.append(event)
        sys.addaudithook(hook)
        frame = pd.read_json(sys.argv[1])
        refused = 0
        for formula in json.load(open(sys.argv[2])):
            try:
                bm.lmer(formula, frame)
            except PybootmlmError:
                refused += 1
        print(refused, events)
    """
    data, texts = canary.with_suffix(".json"), canary.with_suffix(".txt")
    frame.to_json(data)
    found = [*formulas(canary), *(f"y ~ {a} + (1 | g)" for a in python_attacks(canary))]
    texts.write_text(json.dumps(found))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(data), str(texts)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1) == [str(len(found)), "[]\n"]
    assert not canary.exists()
