"""A formula that cannot be read: the message says why, and underlines where."""

import pytest

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula import parse_formula

# formula, what is underlined, part of the message
FAULTY = [
    ("y ~ (1 | g", "(1 | g", "never closed"),
    ("y ~ x + log((x) + (1|g)", "((x) + (1|g)", "never closed"),
    ("y ~ x) + (1 | g)", ")", "closes nothing"),
    ("y ~ `x + (1 | g)", "`x + (1 | g)", "backtick is never closed"),
    ("y ~ x | g", "x | g", r"needs parentheses: write `\(x \| g\)`"),
    ("y ~ a + x | g", "x | g", "needs parentheses"),
    ("y ~ 1 | g + h", "1 | g", "needs parentheses"),
    ("y ~ 1 || g", "1 || g", "needs parentheses"),
    ("y ~ ( | g)", "( | g)", "left side of the bar is empty"),
    ("y ~ (1 | )", "(1 | )", "right side of the bar is empty"),
    ("y ~ (0 | g)", "(0 | g)", "leaves no random effect"),
    ("y ~ (1 | g | h)", "(1 | g | h)", "one bar"),
    ("y ~ (1 | a + b)", "a + b", r"several terms: `\(1 \| a\) \+ \(1 \| b\)`"),
    ("y ~ (1 | a/)", "a/", "missing beside `/`"),
    ("y ~ x * (1 | g)", "x * (1 | g)", "can only be added"),
    ("y ~ x - (1 | g)", "- (1 | g)", "can only be added"),
    ("~ x + (1 | g)", "~", "response is missing"),
    ("y ~", "~", "terms are missing"),
    ("y", "y", "needs `~`"),
    ("y ~ x ~ (1 | g)", "~", "one `~`"),
    ("y ~ x", "x", "no random term: .*statsmodels' OLS"),
    ("y ~ x z + (1 | g)", "x z", "operator is missing between `x` and `z`"),
    ("y ~ x + (1 | g) +", "+", r"missing after this `\+`"),
    ("y ~ a * : b + (1 | g)", ":", "missing before this `:`"),
    ("y ~ a: + (1 | g)", "a: + (1 | g)", "can only be added"),
    ("y ~ () + (1 | g)", ")", "missing before"),
    ("y ~ 2 + (1 | g)", "2", "is not a term"),
    ("y ~ (a + b)^x + (1 | g)", "x", "exponent"),
    ("y ~ a + (0 + b) + (1 | g)", "0", "outside parentheses"),
    ("y ~ . + (1 | g)", ".", "is not"),
    ("y ~ x $ z + (1 | g)", "$", "not a formula operator"),
    ("y ~ x %o% z + (1 | g)", "%o%", "not a formula operator"),
    ("y ~ lgo(x) + (1 | g)", "lgo", "did you mean `log`"),
    ("y ~ log() + (1 | g)", ")", "expected a column"),
    ("y ~ I(x + ) + (1 | g)", ")", r"found `\)`"),
    ("y ~ log(x, z = 2) + (1 | g)", "log(x, z = 2)", r"do not fit `log\(x, base\)`"),
    ("y ~ log(x, 2, 3) + (1 | g)", "log(x, 2, 3)", "do not fit"),
    ("y ~ poly(x, k) + (1 | g)", "poly(x, k)", "`degree` of .* written as a number"),
    ("y ~ poly(degree = 2) + (1 | g)", "poly(degree = 2)", "first argument .* missing"),
    ("y ~ log(2) + (1 | g)", "log(2)", "names no column"),
    ("y ~ offset(x):a + (1 | g)", "offset(x):a", "term of its own"),
    ("y ~ I(offset(x)) + (1 | g)", "offset", "term of its own"),
    ("y ~ (offset(x) | g)", "offset(x)", "outside of the bar"),
    ("y ~ (1 | offset(x))", "offset(x)", "outside of the bar"),
    ("offset(y) ~ (1 | g)", "offset(y) ", "right side"),
    ("y ~ x + y + (1 | g)", "y", "response cannot be a predictor"),
]

# What would be code anywhere else is refused before anything is evaluated.
CODE = [
    ("y ~ __import__('os') + (1 | g)", "'"),
    ("y ~ eval(x) + (1 | g)", "eval"),
    ("y ~ np.log(x) + (1 | g)", "np.log"),
    ("y ~ x.mean() + (1 | g)", "x.mean"),
    ("y ~ x.__class__.__base__() + (1 | g)", "x.__class__.__base__"),
    ("y ~ x[0] + (1 | g)", "["),
    ("y ~ [x for x in y] + (1 | g)", "["),
    ("y ~ {x} + (1 | g)", "{"),
    ("y ~ log(lambda z: z) + (1 | g)", ":"),
    ("y ~ I(lambda: x) + (1 | g)", ":"),
    ("y ~ I(x if x else z) + (1 | g)", "if"),
    ("y ~ I(x := 3) + (1 | g)", ":"),
    ("y ~ I(x; z) + (1 | g)", ";"),
    ("y ~ log(x)(2) + (1 | g)", "("),
    ("y ~ factor(x, levels = 'a') + (1 | g)", "'"),
    ("y ~ I(x @ z) + (1 | g)", "@"),
    ("exec(y) ~ (1 | g)", "exec"),
    ("y ~ (1 | open(g))", "open"),
    ("y ~ (open(x) | g)", "open"),
    ("y ~ I(x\\z) + (1 | g)", "\\"),
]


def underlined(message: str) -> str:
    """The part of the formula above the carets."""
    formula, carets = message.splitlines()[-2:]
    return "".join(
        c for c, mark in zip(formula, carets.ljust(len(formula)), strict=True) if mark == "^"
    )


@pytest.mark.parametrize(("formula", "span", "message"), FAULTY)
def test_the_faulty_span_is_underlined(formula, span, message):
    with pytest.raises(FormulaError, match=message) as caught:
        parse_formula(formula)
    assert formula in str(caught.value)
    assert underlined(str(caught.value)) == span


@pytest.mark.parametrize(("formula", "span"), CODE)
def test_code_is_refused(formula, span):
    with pytest.raises(FormulaError) as caught:
        parse_formula(formula)
    assert underlined(str(caught.value)) == span


def test_the_place_and_not_only_the_text_is_right():
    with pytest.raises(FormulaError) as caught:
        parse_formula("y ~ x + x + z z + (1 | g)")
    formula, carets = str(caught.value).splitlines()[-2:]
    assert carets.index("^") == formula.index("z z")


@pytest.mark.parametrize("formula", ["", "   ", None, 3, ["y ~ x"]])
def test_not_even_text(formula):
    with pytest.raises((FormulaError, TypeError)):
        parse_formula(formula)


def test_it_is_a_value_error():
    with pytest.raises(ValueError, match="random term"):
        parse_formula("y ~ x")
