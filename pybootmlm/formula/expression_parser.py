"""R's arithmetic and calls inside a formula, read into an `Expression`; no code is evaluated."""

import difflib
import re
from typing import NamedTuple

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula.expression import (
    RESERVED,
    SIGNATURES,
    Call,
    Expression,
    Flag,
    Group,
    Name,
    Number,
    Operation,
    column_names,
    literal,
)
from pybootmlm.formula.marks import formula_error

_LEXEME = re.compile(
    r"""(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
      | (?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*)
      | `(?P<quoted>[^`]+)`
      | (?P<operator>\*\*|<=|>=|==|!=|[-+*/^(),=<>])""",
    re.VERBOSE,
)
# How tightly each operator binds, as in R: comparison < sum < product < sign < power.
_BINDING = {"<": 1, ">": 1, "<=": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "*": 3, "/": 3}
_SIGN, _POWER = 4, 5


class _Lexeme(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _Parser:
    """Precedence climbing over ``text[start:end]``; positions refer to the whole formula."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.lexemes = self._lex(start, end)
        self.position = 0

    def _lex(self, start: int, end: int) -> list[_Lexeme]:
        lexemes, at = [], start
        while at < end:
            if self.text[at].isspace():
                at += 1
                continue
            match = _LEXEME.match(self.text, at, end)
            if match is None or match.lastgroup is None:
                raise self.error(
                    at,
                    at + 1,
                    f"`{self.text[at]}` cannot stand here: a formula takes columns, numbers, "
                    "arithmetic, and calls of the known functions, never other code",
                )
            kind = match.lastgroup
            lexemes.append(_Lexeme(kind, match.group(kind), at, match.end()))
            at = match.end()
        lexemes.append(_Lexeme("end", "", end, end))
        return lexemes

    def error(self, start: int, end: int, message: str) -> FormulaError:
        return formula_error(self.text, start, end, message)

    @property
    def next(self) -> _Lexeme:
        return self.lexemes[self.position]

    def take(self) -> _Lexeme:
        lexeme = self.next
        self.position += 1
        return lexeme

    def whole(self) -> Expression:
        expression = self.operation(0, depth=0)
        if self.next.kind != "end":
            raise self.unexpected(self.next, "an operator")
        return expression

    def unexpected(self, lexeme: _Lexeme, wanted: str) -> FormulaError:
        what = f"`{lexeme.text}`" if lexeme.text else "the end"
        return self.error(lexeme.start, lexeme.end, f"expected {wanted} here, found {what}")

    def operation(self, binding: int, depth: int) -> Expression:
        left = self.operand(depth)
        while self.next.kind == "operator":
            symbol = self.next.text
            if symbol in ("^", "**") and binding <= _POWER:
                self.take()
                left = Operation("^", (left, self.operation(_SIGN, depth)))
            elif _BINDING.get(symbol, 0) > binding:
                self.take()
                left = Operation(symbol, (left, self.operation(_BINDING[symbol], depth)))
            else:
                break
        return left

    def operand(self, depth: int) -> Expression:
        lexeme = self.take()
        match lexeme.kind:
            case "number":
                suffix = "L" if lexeme.text.endswith("L") else ""
                return Number(float(lexeme.text.removesuffix("L")), suffix)
            case "quoted":
                return Name(lexeme.text)
            case "name" if self.next.text == "(":
                return self.call(lexeme, depth)
            case "name" if lexeme.text in ("TRUE", "FALSE"):
                return Flag(lexeme.text == "TRUE")
            case "name" if lexeme.text in RESERVED:
                raise self.error(
                    lexeme.start,
                    lexeme.end,
                    f"`{lexeme.text}` is a word of R's own; a column of that name is written in "
                    "backticks",
                )
            case "name":
                return Name(lexeme.text)
            case "operator" if lexeme.text in ("-", "+"):
                return Operation(lexeme.text, (self.operation(_SIGN, depth),))
            case "operator" if lexeme.text == "(":
                inner = Group(self.operation(0, depth + 1))
                self.close()
                return inner
        self.position -= 1
        raise self.unexpected(lexeme, "a column, a number or a call")

    def close(self) -> _Lexeme:
        if self.next.text != ")":
            raise self.unexpected(self.next, "`)`")
        return self.take()

    def call(self, function: _Lexeme, depth: int) -> Expression:
        if function.text not in SIGNATURES:
            close = difflib.get_close_matches(function.text, SIGNATURES, n=1)
            hint = f"did you mean `{close[0]}`? " if close else ""
            raise self.error(
                function.start,
                function.end,
                f"the function `{function.text}` is not available in a formula: {hint}Use one of "
                f"{', '.join(SIGNATURES)}, or put the values in a column first",
            )
        if function.text == "offset" and depth:
            raise self.error(
                function.start, function.end, "`offset()` must be a term of its own: `+ offset(x)`"
            )
        self.take()
        arguments: list[tuple[str | None, Expression]] = []
        while True:
            keyword = None
            if self.next.kind == "name" and self.lexemes[self.position + 1].text == "=":
                keyword = self.take().text
                self.take()
            arguments.append((keyword, self.operation(0, depth + 1)))
            if self.next.text != ",":
                break
            self.take()
        end = self.close().end
        call = Call(function.text, tuple(arguments))
        self.check_arguments(call, function.start, end)
        return call

    def check_arguments(self, call: Call, start: int, end: int) -> None:
        parameters = SIGNATURES[call.function]
        usage = f"`{call.function}({', '.join(parameters)})`"
        keywords = [k for k, _ in call.arguments if k]
        # R matches `raw` of poly() by name only: it stands after the dots.
        free = [p for p in parameters if p not in keywords and p != "raw"]
        positional = sum(k is None for k, _ in call.arguments)
        unknown = [k for k in keywords if k not in parameters]
        if unknown or len(set(keywords)) < len(keywords) or positional > len(free):
            raise self.error(start, end, f"the arguments do not fit {usage}")
        for keyword, value in call.arguments:
            name = keyword or free.pop(0)
            if name != "x" and literal(value) is None:
                raise self.error(
                    start, end, f"`{name}` of {usage} must be written as a number, TRUE or FALSE"
                )
        if "x" in free:
            raise self.error(start, end, f"the first argument of {usage} is missing")


def parse_expression(text: str, start: int = 0, end: int | None = None) -> Expression:
    """
    Read the part ``text[start:end]`` of a formula as one expression.

    Raises
    ------
    FormulaError
        For anything but arithmetic on columns and calls of the known functions.

    Examples
    --------
    >>> from pybootmlm.formula.expression import label
    >>> label(parse_expression("I( x ^2*3 )"))
    'I(x^2 * 3)'
    """
    end = len(text) if end is None else end
    expression = _Parser(text, start, end).whole()
    if not column_names(expression):
        raise formula_error(text, start, end, "this part names no column of the data")
    return expression
