"""R is read as R reads it: by our parser, and from R's own parse data."""

import json
from pathlib import Path

import pytest

from parity.errors import RSyntaxError
from parity.translate.r_process import ask_r, long_text
from parity.translate.reading.deparse import deparse
from parity.translate.reading.from_r import fold, parse_by_r
from parity.translate.reading.parser import parse
from parity.translate.reading.tree import shape

HERE = Path(__file__).parent
CORPUS = (HERE / "corpus.R").read_text("utf-8")
# By R 4.2.2: record_corpus.R.
SHAPES = json.loads((HERE / "corpus.json").read_text("utf-8"))["shapes"]


def test_every_statement_has_the_tree_that_r_gave_it():
    assert [shape(statement) for statement in parse(CORPUS).statements] == SHAPES
    assert len(SHAPES) > 50


@pytest.mark.live_r
def test_both_parsers_give_one_tree_with_all_its_places():
    ours, theirs = parse(CORPUS), parse_by_r(CORPUS)
    assert ours == theirs
    assert len(ours.comments) == 3


@pytest.mark.live_r
def test_control_parse_data_of_another_text_give_another_tree():
    program = f'cat("\\x02", read_script({long_text("x <- 1 + 2")}), "\\n", sep = "")\n'
    (data,) = ask_r(("encode", "read_script"), program)
    assert fold("x <- 1 + 2", data) == parse("x <- 1 + 2")
    assert fold("x <- 1 - 2", data) != parse("x <- 1 + 2")


@pytest.mark.parametrize("change", [("-2^2", "(-2)^2"), ("a %in% b + 1", "a %in% (b + 1)")])
def test_control_other_precedence_is_another_tree(change):
    changed = CORPUS.replace(*change)
    assert changed != CORPUS
    assert [shape(statement) for statement in parse(changed).statements] != SHAPES


def test_what_is_written_out_again_is_read_as_the_same():
    for statement in parse(CORPUS).statements:
        if any(word in shape(statement) for word in ("<>", "(?", "complex", "(if", "(= ")):
            continue  # empty arguments, help, and what needs its lines
        (again,) = parse(deparse(statement)).statements
        assert shape(again) == shape(statement)


ERRORS = [
    ("x <- (1 + 2\ny <- 3", 2, 1, "expected )"),
    ("f(1, 2", 1, 7, "the end of the file"),
    ("a < b < c", 1, 7, "one comparison"),
    ("x <- 'abc", 1, 6, "never closed"),
    ("a %in b", 1, 3, "ends with %"),
    ("x <- 1 2", 1, 8, "an operator or the end of the line"),
    ("if x > 1", 1, 4, "expected ("),
    ("x <- 1\n}", 2, 1, "an expression"),
    ("d$1", 1, 3, "a name must stand after $"),
    ("x |> y", 1, 6, "must be a call"),
    ("x <- '\\q'", 1, 6, "no escape"),
    ("for (1 in x) y", 1, 6, "the loop's variable"),
    ("x[[1]", 1, 6, "expected ]"),
    ("'\\u00e9\\x41'", 1, 1, "bytes and of Unicode"),
    ("else x", 1, 1, "an expression"),
    ("x <- 5 § 3", 1, 8, "no token"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), ERRORS)
def test_what_is_not_r_is_refused_where_it_stands(text, line, column, reason):
    with pytest.raises(RSyntaxError) as raised:
        parse(text)
    assert (raised.value.line, raised.value.column) == (line, column)
    assert reason in str(raised.value)


@pytest.mark.live_r
def test_r_refuses_the_same_texts():
    programs = "".join(
        f'cat("\\x02", read_script({long_text(text)}), "\\n", sep = "")\n' for text, *_ in ERRORS
    )
    answers = ask_r(("encode", "read_script"), programs)
    assert [text for (text, *_), answer in zip(ERRORS, answers, strict=True)
            if "error" not in answer] == []  # fmt: skip


@pytest.mark.live_r
def test_a_syntax_error_of_r_has_its_place():
    with pytest.raises(RSyntaxError, match="line 2, column 1"):
        parse_by_r("x <- (1 + 2\ny <- 3")


def test_what_is_nested_beyond_reason_is_refused_and_not_a_crash():
    with pytest.raises(RSyntaxError, match="nested too deeply"):
        parse("(" * 5000 + "1" + ")" * 5000)
