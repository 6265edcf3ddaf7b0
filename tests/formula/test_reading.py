"""What formulas mean, by R's rules: order of variables and terms, intercepts, bars, labels."""

import pytest

from pybootmlm.formula import label, parse_formula
from pybootmlm.formula.expression import Operation
from pybootmlm.formula.expression_parser import parse_expression
from pybootmlm.formula.numbers import r_text

# What R 4.2.2 gives:
#   f <- function(x) { t <- terms(as.formula(x)); c(attr(t, "intercept"), attr(t, "term.labels")) }
R_TERMS = {
    "y ~ a * b + c": (True, ["a", "b", "c", "a:b"]),
    "y ~ b + a:b": (True, ["b", "b:a"]),
    "y ~ (a + b + c)^2": (True, ["a", "b", "c", "a:b", "a:c", "b:c"]),
    # Listed product by product, these 3^999999 would never end.
    "y ~ (a + b + c)^999999": (True, ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
    "y ~ a * b * c - a:b:c": (True, ["a", "b", "c", "a:b", "a:c", "b:c"]),
    "y ~ a / b / c": (True, ["a", "a:b", "a:b:c"]),
    "y ~ (a + b) / c": (True, ["a", "b", "a:b:c"]),
    "y ~ a:b + a + b:a": (True, ["a", "a:b"]),
    "y ~ a * b - a": (True, ["b", "a:b"]),
    "y ~ 0 + a": (False, ["a"]),
    "y ~ a + -1": (False, ["a"]),
    "y ~ a - 1 + 1": (True, ["a"]),
    "y ~ -0 + a": (True, ["a"]),
    "y ~ 1": (True, []),
    "y ~ x + x^2 + I(x^2)": (True, ["x", "I(x^2)"]),
    "y ~ (1 + x) * a": (True, ["x", "a", "x:a"]),
    "y ~ a + -b": (True, ["a"]),
    "y ~ a:a + (a:b):b": (True, ["a", "a:b"]),
}


@pytest.mark.parametrize("formula", R_TERMS)
def test_terms_against_r(formula):
    fixed = parse_formula(f"{formula} + (1 | g)").fixed
    labels = [":".join(label(fixed.variables[i]) for i in term) for term in fixed.terms]
    assert (fixed.intercept, labels) == R_TERMS[formula]


# What lme4 1.1-31 gives for names(lFormula(...)$reTrms$flist), before it sorts by size:
# findbars() and the name of the right-hand side.
BARS = {
    "y ~ (1 | g)": ["g"],
    "y ~ 1 | g": ["g"],
    "y~1|a/b": ["b:a", "a"],
    "y ~ (1 | a/b)": ["b:a", "a"],
    "y ~ (1 | a/b/c)": ["c:(b:a)", "b:a", "a"],
    "y ~ (1 | a:b)": ["a:b"],
    "y ~ (1 | a:b:c)": ["a:b:c"],
    "y ~ (x || g)": ["g", "g"],
    "y ~ (x || a/b)": ["b:a", "a", "b:a", "a"],
    "y ~ (0 + x || g) + (1 | h)": ["g", "h"],
    "y ~ ((1 | g)) + (x + (z | h))": ["g", "h"],
}


@pytest.mark.parametrize("formula", BARS)
def test_grouping_names(formula):
    assert [bar.grouping.name for bar in parse_formula(formula).bars] == BARS[formula]


def test_double_bar_keeps_a_factor_whole():
    parts = [bar.terms for bar in parse_formula("y ~ (a * x || g)").bars]
    assert [part.intercept for part in parts] == [True, False, False, False]
    names = [tuple(label(v) for v in part.variables) for part in parts]
    assert names == [(), ("a",), ("x",), ("a", "x")]


def test_offsets_are_taken_out():
    model = parse_formula("y ~ offset(log(n)) + x + (1 | g) + offset(2 * z)")
    assert [label(offset) for offset in model.offsets] == ["log(n)", "2 * z"]
    assert [label(v) for v in model.fixed.variables] == ["x"]


@pytest.mark.parametrize(
    ("formula", "fixed"),
    [
        ("y~(1|g)", "y ~ 1"),
        ("log( y ) ~ x+(x|g)", "log(y) ~ x"),
        ("y ~ (1|g) + x*a - 1", "y ~ x * a - 1"),
        ("y ~ -1 + `my col`:a + (1|g)", "y ~ -1 + `my col`:a"),
    ],
)
def test_text_without_bars(formula, fixed):
    assert parse_formula(formula).fixed_text == fixed


def test_text_is_kept_but_for_runs_of_blanks():
    assert parse_formula("  y ~\n   `my  col` +  (1|g)").text == "y ~ `my  col` + (1|g)"


def test_columns_in_order_of_appearance():
    model = parse_formula("log(y) ~ poly(`a b`, 2):größe + offset(o) + (I(x / z) | g:h)")
    assert model.columns == ("y", "a b", "größe", "o", "x", "z", "g", "h")


# deparse(quote(...)) of R 4.2.2.
LABELS = {
    "I( x ^2*3+ -x/(2+1) )": "I(x^2 * 3 + -x/(2 + 1))",
    "poly(x,degree=2,raw=TRUE)": "poly(x, degree = 2, raw = TRUE)",
    "I(x>=1)": "I(x >= 1)",
    "I(2^-x)": "I(2^-x)",
    "I(x**2)": "I(x^2)",
    "log(Sepal.Length)": "log(Sepal.Length)",
    "I(x * 100000)": "I(x * 1e+05)",
    "I(x - 0.50)": "I(x - 0.5)",
    "scale(x, 2L)": "scale(x, 2L)",
    "`my col`": "`my col`",
}


@pytest.mark.parametrize("text", LABELS)
def test_labels_against_r(text):
    assert label(parse_expression(text)) == LABELS[text]


def test_power_binds_before_the_sign_and_to_the_right():
    assert parse_expression("-x^2") == Operation("-", (parse_expression("x^2"),))
    outer = parse_expression("x^y^z")
    assert outer.operands[1] == parse_expression("y^z")
    assert parse_expression("x - y - z").operands[0] == parse_expression("x - y")


# as.character(x) of R 4.2.2.
TEXTS = {
    1.0: "1", 2.5: "2.5", 100000.0: "1e+05", 123456.0: "123456", 0.1 + 0.2: "0.3", 1 / 3:
    "0.333333333333333", 1e-5: "1e-05", 0.0001: "1e-04", 0.00012: "0.00012", 1e15: "1e+15",
    123456789012.0: "123456789012", 1234567.891: "1234567.891", -2.5: "-2.5", 0.0: "0",
    1e5 + 0.1: "100000.1", 2.0**60: "1152921504606846976", 1e300: "1e+300", -1e-300: "-1e-300",
}  # fmt: skip


@pytest.mark.parametrize("value", TEXTS)
def test_numbers_as_r_writes_them(value):
    assert r_text(value) == TEXTS[value]


def test_parsing_is_remembered():
    assert parse_formula("y ~ x + (1 | g)") is parse_formula("y ~ x + (1 | g)")
