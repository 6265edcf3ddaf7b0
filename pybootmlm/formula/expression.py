"""
What may stand where a formula has a variable: a column, or a known function of columns.

An expression is a small tree of our own. Nothing in it is Python code, so evaluating one can
only ever look up columns and call the functions listed in `SIGNATURES`.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from pybootmlm.formula.numbers import r_text

#: The functions a formula may call, with their parameters in R's order.
SIGNATURES: dict[str, tuple[str, ...]] = {
    "I": ("x",),
    "log": ("x", "base"),
    "log2": ("x",),
    "log10": ("x",),
    "log1p": ("x",),
    "exp": ("x",),
    "expm1": ("x",),
    "sqrt": ("x",),
    "abs": ("x",),
    "sin": ("x",),
    "cos": ("x",),
    "tan": ("x",),
    "poly": ("x", "degree", "raw"),
    "scale": ("x", "center", "scale"),
    "factor": ("x",),
    "as.factor": ("x",),
    "ordered": ("x",),
    "offset": ("x",),
}


@dataclass(frozen=True, slots=True)
class Name:
    """A column of the data."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric literal."""

    value: float
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """``TRUE`` or ``FALSE``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in parentheses, kept because R keeps them in labels."""

    inner: "Expression"


@dataclass(frozen=True, slots=True)
class Operation:
    """A unary (one operand) or binary (two operands) arithmetic or comparison operator."""

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the known functions; each argument carries its keyword or None."""

    function: str
    arguments: tuple[tuple[str | None, "Expression"], ...]


Expression: TypeAlias = Name | Number | Flag | Group | Operation | Call


#: Words that R keeps for itself: a column of such a name is written in backticks.
RESERVED = frozenset(
    [
        "if",
        "else",
        "repeat",
        "while",
        "function",
        "for",
        "next",
        "break",
        "in",
        "TRUE",
        "FALSE",
        "NULL",
        "Inf",
        "NaN",
        "NA",
        "NA_integer_",
        "NA_real_",
        "NA_character_",
        "NA_complex_",
    ]
)
_ESCAPES = str.maketrans({"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"})


def quoted(name: str) -> str:
    """`name` as R code: in backticks unless it is a plain name."""
    if name not in RESERVED and re.fullmatch(r"(?:[^\W\d_]|\.(?!\d))[\w.]*", name):
        return name
    return f"`{name.translate(_ESCAPES)}`"


def label(expression: Expression) -> str:
    """
    Write an expression as R deparses it, which is the name R gives to the variable.

    Examples
    --------
    >>> label(Call("I", ((None, Operation("^", (Name("x"), Number(2.0)))),)))
    'I(x^2)'
    """
    match expression:
        case Name(name):
            return quoted(name)
        case Number(value, suffix):
            return r_text(value) + suffix
        case Flag(value):
            return "TRUE" if value else "FALSE"
        case Group(inner):
            return f"({label(inner)})"
        case Operation(operator, (operand,)):
            return operator + label(operand)
        case Operation(operator, (left, right)):
            blank = "" if operator in ("^", "/") else " "
            return f"{label(left)}{blank}{operator}{blank}{label(right)}"
        case Call(function, arguments):
            inner_text = (f"{k} = {label(v)}" if k else label(v) for k, v in arguments)
            return f"{function}({', '.join(inner_text)})"
    raise AssertionError(expression)


def column_names(expression: Expression) -> tuple[str, ...]:
    """
    List the columns that an expression reads, each once, in order of appearance.

    Examples
    --------
    >>> column_names(Operation("+", (Name("b"), Call("log", ((None, Name("a")),)))))
    ('b', 'a')
    """
    match expression:
        case Name(name):
            return (name,)
        case Group(inner):
            return column_names(inner)
        case Operation(_, operands):
            found = [name for operand in operands for name in column_names(operand)]
            return tuple(dict.fromkeys(found))
        case Call(_, arguments):
            found = [name for _, value in arguments for name in column_names(value)]
            return tuple(dict.fromkeys(found))
        case _:
            return ()


def bound_arguments(call: Call) -> dict[str, Expression]:
    """Name the arguments of a call by parameter name (the parser has checked that they fit)."""
    free = [p for p in SIGNATURES[call.function] if p not in {k for k, _ in call.arguments}]
    return {k if k else free.pop(0): value for k, value in call.arguments}


def literal(expression: Expression) -> float | bool | None:
    """Give the value of a literal, with or without a sign; None for anything else."""
    match expression:
        case Number(value, _) | Flag(value):
            return value
        case Operation("-", (Number(value, _),)):
            return -value
        case _:
            return None
