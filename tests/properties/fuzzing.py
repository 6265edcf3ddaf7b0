"""Formulas and frames made at random, and what is made of them."""

import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

import pybootmlm as bm
from pybootmlm.exceptions import PybootmlmError, PybootmlmWarning

Rng = np.random.Generator
# Seconds of processor time for one small model; most take milliseconds.
BUDGET = 10.0

WORDS = r"""
y x z g h f b d t s ~ ~ | || + - * : / ^ ( ) ( ) 0 1 -1 2 1e9 I( log( poly(x,2) scale(x) . , = `
offset(x) factor(x) %in% sqrt( exp( abs( cs( ar1( diag( us( == < & ! ' " \ # @ é 日 NaN NULL
TRUE if function [ { poly( x|g (1|g) (x|g) (1|g/h) (x||g)
"""
TOKENS = WORDS.split()
NUMERIC = ("x", "z", "i", "b", "n", "c", "big", "small", "holes", "inf", "date", "o")
SOUND_NUMERIC, SOUND_GROUPS = ("x", "z", "i", "b", "holes"), ("g", "f", "s", "k", "i")
GROUPS = ("g", "h", "f", "i", "s", "k", "n", "gholes", "one", "row")


def garbage(rng: Rng) -> str:
    """A sequence of tokens; half of them begin like a formula."""
    words = rng.choice(TOKENS, rng.integers(1, 12))
    joined = rng.choice(["", " "]).join(words)
    return f"y ~ {joined} + (1 | g)" if rng.random() < 0.5 else str(joined)


def mutated(rng: Rng) -> str:
    """A formula that means something, with up to three characters lost, doubled or exchanged."""
    text = list(sensible(rng))
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(len(text)))
        kind = rng.integers(3)
        if kind == 0 and len(text) > 1:
            del text[at]
        elif kind == 1:
            text.insert(at, text[at])
        else:
            text[at] = str(rng.choice(list("()|+*:~`^/-,.1 xgé'")))
    return "".join(text)


def sensible(rng: Rng) -> str:
    """A formula of the right form over columns of every kind."""
    wraps = ("{}", "{}", "{}", "I({}^2)", "log({})", "sqrt({})", "exp({})", "poly({}, 2)")
    wraps = (*wraps, "scale({})", "factor({})", "abs({})", "offset({})")
    # Half of the formulas are of columns that are mostly sound: the others seldom get to a fit.
    sound = rng.random() < 0.5
    numeric, groups = (SOUND_NUMERIC, SOUND_GROUPS) if sound else (NUMERIC, GROUPS)

    def term() -> str:
        wrap = "{}" if sound and rng.random() < 0.7 else str(rng.choice(wraps))
        return wrap.format(rng.choice((*numeric, *groups)))

    fixed = [str(rng.choice(["0", "1", "x"])), *(term() for _ in range(rng.integers(0, 3)))]
    bars = []
    for _ in range(rng.integers(1, 3)):
        left = str(rng.choice(["1", "x", "0 + x", "x + z", "f", "0 + f", "1 + i", term()]))
        right = str(rng.choice(groups))
        if rng.random() < 0.3:
            right += str(rng.choice(["/", ":"])) + str(rng.choice(groups))
        bar = f"({left} {rng.choice(['|', '|', '||'])} {right})"
        structure = str(rng.choice(["us", "diag", "cs", "ar1"])) if rng.random() < 0.2 else ""
        bars.append(structure + bar)
    responses = ["y", "y", "small", "big"] if sound else ["y", "log(y)", "i", "f", "x", "b", "n"]
    response = str(rng.choice(responses))
    return (
        f"{response} ~ {str(rng.choice([' + ', ' + ', ' * ', ':'])).join(fixed)} + "
        + " + ".join(bars)
    )


def frame(rng: Rng) -> pd.DataFrame:
    """Every kind of column, of a random length; sometimes one is replaced by rubbish."""
    n = int(rng.choice([1, 2, 3, 5, 12, 30, 30, 60, 60]))
    whole = rng.integers(0, 5, n)
    data: dict[str, Any] = {
        "y": rng.normal(size=n) + whole,
        "x": rng.normal(size=n),
        "z": rng.integers(0, 2, n).astype(float),
        "i": whole,
        "b": rng.random(n) < 0.5,
        "t": "one",
        "n": pd.array(np.where(rng.random(n) < 0.2, None, whole), dtype="Int64"),
        "c": np.full(n, 3.5),
        "big": rng.normal(size=n) * 10.0 ** rng.integers(0, 300),
        "small": rng.normal(size=n) * 10.0 ** -rng.integers(0, 300),
        "holes": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
        "inf": np.where(rng.random(n) < 0.05, np.inf, 1.0),
        "date": pd.date_range("2026-01-01", periods=n),
        "o": [[1] if k % 7 == 0 else k for k in range(n)],
        "g": np.array(list("abcdefgh"))[np.arange(n) % 8],
        "h": np.array(["", " ", "a:b", "b", None], dtype=object)[rng.integers(0, 5, n)],
        "f": pd.Categorical(np.array(list("pqr"))[np.arange(n) // 2 % 3], list("zrqp")),
        "s": pd.array(np.array(list("uvw"))[np.arange(n) % 3], dtype="string"),
        "k": pd.Categorical(whole, ordered=True),
        "gholes": np.where(rng.random(n) < 0.3, None, "g" + pd.Series(whole % 3).astype(str)),
        "one": "same",
        "row": np.arange(n),
    }
    out = pd.DataFrame(data)
    name = str(rng.choice(list(data)))
    rubbish: dict[str, Callable[[], Any]] = {
        "nan": lambda: np.nan,
        "none": lambda: None,
        "zero": lambda: 0.0,
        "huge": lambda: 1e308 * (1 - 2 * rng.random(n)),
        "tiny": lambda: 5e-324 * np.arange(n),
        "complex": lambda: 1j,
        "mixed": lambda: np.array([1, "a", None, 2.5], dtype=object)[np.arange(n) % 4],
        "interval": lambda: pd.cut(np.arange(n), 3),
        "delta": lambda: pd.to_timedelta(np.arange(n), unit="s"),
        "empty categories": lambda: pd.Categorical([None] * n, categories=["a"]),
        "bytes": lambda: np.array([b"x"] * n, dtype=object),
        "tuples": lambda: pd.Series([(k % 3,) for k in range(n)]),
        "copy of y": lambda: out["y"],
    }
    chance = rng.random()
    if chance < 0.4:
        out[name] = rubbish[str(rng.choice(list(rubbish)))]()
    elif chance < 0.45:
        out = pd.concat([out, out[[name]]], axis=1)
    elif chance < 0.5:
        out = out.drop(columns=name)
    elif chance < 0.55:
        out.columns = pd.MultiIndex.from_product([["top"], out.columns])
    elif chance < 0.7:
        out.index = rng.integers(0, 3, n)
    elif chance < 0.72:
        out = out.iloc[:0]
    return out


def arguments(rng: Rng, n: int) -> dict[str, Any]:
    """Options, mostly left out, mostly with a meaning."""
    out: dict[str, Any] = {"reml": bool(rng.random() < 0.5)}
    choices: dict[str, list[Any]] = {
        "weights": [
            "x",
            "c",
            "big",
            "z",
            "nope",
            np.ones(n),
            np.ones(n + 1),
            -np.ones(n),
            "g",
            3.0,
        ],
        "offset": ["x", "big", "holes", np.ones(n), np.full(n, np.nan), "f", [1], {"a": 1}],
        "na_action": ["exclude", "fail", "pass", 3],
        "contrasts": [
            {"f": "contr.sum"},
            {"x": "contr.sum"},
            {"f": np.eye(3)},
            {"f": "no"},
            3,
            "f",
        ],
        "start": [[1.0], [0.0], [np.nan], [1.0, 0.0, 1.0], "one", [], [[1.0]], [1e300]],
    }
    for name, values in choices.items():
        if rng.random() < 0.12:
            out[name] = values[int(rng.integers(len(values)))]
    return out


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after so many seconds of processor time."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def outcome(fit: Callable[[], bm.LmerFit]) -> str:
    """What came of it: ``"fit"``, ``"error"`` of ours, or a report of anything else."""
    try:
        with budget(BUDGET), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", PybootmlmWarning)
            found = fit()
            numbers = [found.sigma, found.criterion, *found.theta, *found.beta, *found.mu]
    except PybootmlmError:
        return "error"
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f for f in frames if "pybootmlm" in f.filename]
        where = f"{ours[-1].filename}:{ours[-1].lineno}" if ours else "?"
        return f"{type(error).__name__}: {error} at {where}"
    if found.optimum is not None and found.optimum.converged and not np.isfinite(numbers).all():
        return "a converged fit with estimates that are not finite"
    return "fit"


def attempt(number: int, formulas: Callable[[Rng], str]) -> tuple[str, str]:
    """The formula and the outcome of the model of this number."""
    rng = np.random.default_rng([2026, number])
    formula, data = formulas(rng), frame(rng)
    options = arguments(rng, len(data))
    return f"{formula!r}, {options}", outcome(lambda: bm.lmer(formula, data, **options))
