"""
A formula cut into pieces that know where they stand in the text.

formulaic's tokenizer does the cutting. It is imported on first use: it costs 0.2 s, as much as
the rest of the package together.
"""

import re
from dataclasses import dataclass

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula.expression import Expression, Name, label
from pybootmlm.formula.expression_parser import parse_expression
from pybootmlm.formula.marks import formula_error

_OPERATORS = {"~", "+", "-", "*", "/", ":", "^", "**", "|", "||", "%in%"}
_CLOSER = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Piece:
    """
    One piece of a formula.

    Attributes
    ----------
    kind : str
        ``"variable"``, ``"number"``, ``"operator"``, ``"open"`` or ``"close"``.
    text : str
        Canonical text; for a variable its label, so that equal variables have equal text.
    start, end : int
        The piece is ``formula[start:end]``.
    expression : Expression or None
        What a variable means.
    """

    kind: str
    text: str
    start: int
    end: int
    expression: Expression | None = None


def check_brackets(text: str) -> None:
    """Find quotes and unbalanced brackets first: their spans are known only here."""
    opened: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "`":
            close = text.find("`", at + 1)
            if close < 0:
                raise formula_error(text, at, len(text), "this backtick is never closed: add a `")
            _check_name(text, at, close + 1)
            at = close
        elif char in "'\"":
            raise formula_error(
                text,
                at,
                at + 1,
                "quoted text has no place in a formula; write column names "
                "with blanks in backticks: `my column`",
            )
        elif char in "[{\\":
            raise formula_error(
                text,
                at,
                at + 1,
                f"`{char}` has no place in a formula: only columns, known "
                "functions and R's formula operators are read",
            )
        elif char == "(":
            opened.append((char, at))
        elif char in ")]}":
            if not opened or _CLOSER[opened[-1][0]] != char:
                raise formula_error(text, at, at + 1, f"this `{char}` closes nothing: remove it")
            opened.pop()
        at += 1
    if opened:
        raise formula_error(
            text,
            opened[-1][1],
            len(text),
            "the parenthesis opened here is never closed: add a `)`",
        )


def _check_name(text: str, start: int, end: int) -> None:
    """Refuse names in backticks, ``text[start:end]``, that R reads as something else."""
    name = text[start + 1 : end - 1]
    reason = ""
    if not name:
        reason = "there is no name in these backticks"
    elif "\\" in name:
        reason = "a backslash begins an escape in R, even in backticks: rename the column"
    elif name == ".":
        reason = "`.` means all other columns in R, even in backticks: rename the column"
    if reason:
        raise formula_error(text, start, end, reason)


def pieces_of(text: str) -> list[Piece]:
    """
    Cut a formula into pieces.

    Examples
    --------
    >>> [piece.text for piece in pieces_of("log( y ) ~ x + (1 | g)")]
    ['log(y)', '~', 'x', '+', '(', '1', '|', 'g', ')']
    """
    from formulaic.errors import FormulaSyntaxError
    from formulaic.parser.algos.tokenize import tokenize

    check_brackets(text)
    pieces: list[Piece] = []
    try:
        for token in tokenize(text):
            pieces.extend(_from_token(text, token.kind.value, token.source_start, token.source_end))
    except FormulaSyntaxError as error:
        raise formula_error(
            text, 0, len(text), f"the formula cannot be read: {str(error).splitlines()[0]}"
        ) from error
    return pieces


def _from_token(text: str, kind: str, first: int, last: int) -> list[Piece]:
    """Translate one of formulaic's tokens, of which `first` and `last` are inclusive."""
    end = last + 1
    if kind == "context":
        return [Piece("open" if text[first] == "(" else "close", text[first], first, end)]
    if kind == "operator":
        if text[first] == "%":
            end += 1
        return _operators(text, first, end)
    if kind == "value":
        return [Piece("number", text[first:end], first, end)]
    if text[first] == "`":
        expression: Expression = Name(text[first + 1 : end])
        return [Piece("variable", label(expression), first, end + 1, expression)]
    if text[first:end] == ".":
        raise formula_error(text, first, end, "`.` is not read here: name the columns one by one")
    expression = parse_expression(text, first, end)
    return [Piece("variable", label(expression), first, end, expression)]


def _operators(text: str, start: int, end: int) -> list[Piece]:
    """Split a run of operator characters: ``~-`` is two operators, ``||`` is one."""
    pieces = []
    for match in re.compile(r"%[^%]*%|\|\||\*\*|\S").finditer(text, start, end):
        symbol = re.sub(r"\s", "", match.group())
        if symbol not in _OPERATORS:
            raise _unknown_operator(text, symbol, match.start(), match.end())
        symbol = "^" if symbol == "**" else symbol
        pieces.append(Piece("operator", symbol, match.start(), match.end()))
    return pieces


def _unknown_operator(text: str, symbol: str, start: int, end: int) -> FormulaError:
    known = " ".join(sorted(_OPERATORS - {"**"}))
    return formula_error(
        text,
        start,
        end,
        f"`{symbol}` is not a formula operator; the operators are {known} "
        "(arithmetic goes inside I(): `I(x > 2)`)",
    )
