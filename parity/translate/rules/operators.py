"""Operators: arithmetic, comparison, logic, sequences, parentheses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Argument, Call, Symbol, walk
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.reading.tree import Node
    from parity.translate.translator import Translator

_ARITHMETIC: dict[str, ast.operator] = {
    "+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div(), "^": ast.Pow(),
    "%%": ast.Mod(), "%/%": ast.FloorDiv(),
}  # fmt: skip
_COMPARISON: dict[str, ast.cmpop] = {
    "<": ast.Lt(), ">": ast.Gt(), "<=": ast.LtE(), ">=": ast.GtE(), "==": ast.Eq(),
    "!=": ast.NotEq(),
}  # fmt: skip
# What two operands give: the first of these that is among them.
_WIDEST = (Kind.TABLE, Kind.MATRIX, Kind.COLUMN, Kind.VECTOR, Kind.ITEMS, Kind.UNKNOWN)


def combined(left: Meaning, right: Meaning, node: Call) -> tuple[Meaning, Meaning, Kind, str]:
    """Two operands made fit for each other, and what they give."""
    for one in (left, right):
        if one.kind not in (*NUMERIC, Kind.TEXT, Kind.TEXTS):
            raise Untranslatable(f"`{deparse(node)}` calculates with {one.kind}")
    kinds = (left.kind, right.kind)
    widest = next((kind for kind in _WIDEST if kind in kinds), Kind.NUMBER)
    source = left.source or right.source
    if kinds == (Kind.COLUMN, Kind.COLUMN) and left.source != right.source:
        # R goes by position; pandas would go by the labels of the rows.
        right = right.with_code(build.fill("_x.to_numpy()", _x=right.code))
    return left, right, widest, source


@rule("+", "-", "*", "/", "^", "%%", "%/%")
def arithmetic(translator: Translator, node: Call) -> Meaning:
    """Sums, products, powers; a sign."""
    if len(node.values) == 1:
        only = translator.numeric(node.values[0])
        if only.kind not in NUMERIC:
            raise Untranslatable(f"`{deparse(node)}` calculates with {only.kind}")
        if node.name == "+":
            return only
        return only.with_code(ast.UnaryOp(ast.USub(), only.code))
    left, right = (translator.numeric(value) for value in node.values)
    left, right, kind, source = combined(left, right, node)
    if Kind.TEXT in (left.kind, right.kind):
        raise Untranslatable(f"`{deparse(node)}` calculates with a text")
    code = ast.BinOp(left.code, _ARITHMETIC[node.name], right.code)
    longest = None
    if left.length is not None and right.length is not None:
        longest = max(left.length, right.length)
    return Meaning(code, Kind.VECTOR if kind is Kind.ITEMS else kind, source, length=longest)


@rule("<", ">", "<=", ">=", "==", "!=")
def comparison(translator: Translator, node: Call) -> Meaning:
    """Comparisons; a missing value is different from nothing, as NA is in a condition of R."""
    left, right = (translator.numeric(value) for value in node.values)
    left, right, kind, source = combined(left, right, node)
    code: ast.expr = ast.Compare(left.code, [_COMPARISON[node.name]], [right.code])
    if node.name == "!=" and left.kind is Kind.COLUMN:
        code = build.fill("_l.notna() & (_c)", _l=left.code, _c=code)
    if kind in (Kind.NUMBER, Kind.UNKNOWN):
        return Meaning(code, Kind.FLAG if kind is Kind.NUMBER else kind, length=1)
    return Meaning(code, Kind.VECTOR if kind is Kind.ITEMS else kind, source)


@rule("&", "|")
def elementwise(translator: Translator, node: Call) -> Meaning:
    """Logic of every element."""
    left, right = (translator.numeric(value) for value in node.values)
    left, right, kind, source = combined(left, right, node)
    if kind is Kind.NUMBER:
        return scalar_logic(translator, node)
    operator: ast.operator = ast.BitAnd() if node.name == "&" else ast.BitOr()
    return Meaning(ast.BinOp(left.code, operator, right.code), kind, source)


@rule("&&", "||")
def scalar_logic(translator: Translator, node: Call) -> Meaning:
    """Logic of one condition."""
    left, right = (translator.code(value) for value in node.values)
    operator: ast.boolop = ast.And() if node.name in ("&&", "&") else ast.Or()
    return Meaning(ast.BoolOp(operator, [left, right]), Kind.FLAG, length=1)


@rule("!")
def negation(translator: Translator, node: Call) -> Meaning:
    """Not."""
    (value,) = node.values
    for part in walk(value):
        if isinstance(part, Call) and part.name in ("<", ">", "<=", ">=", "==", "!="):
            # A missing value is neither; here it would be both.
            translator.remark("where a compared value is missing, R has NA and Python True")
    found = translator.numeric(value)
    if found.kind in (Kind.FLAG, Kind.NUMBER):
        return Meaning(ast.UnaryOp(ast.Not(), found.code), Kind.FLAG, length=1)
    return found.with_code(ast.UnaryOp(ast.Invert(), found.code))


@rule("(")
def parentheses(translator: Translator, node: Call) -> Meaning:
    """Python's own are put where they are needed."""
    return translator.expression(node.values[0])


@rule(":")
def sequence(translator: Translator, node: Call) -> Meaning:
    """From one number to another."""
    first, last = (translator.numeric(value) for value in node.values)
    for end in (first, last):
        if end.kind not in (Kind.NUMBER, Kind.UNKNOWN):
            raise Untranslatable(f"the ends of `{deparse(node)}` are not numbers")
    code = build.fill("np.arange(_a, _b + 1)", _a=first.code, _b=last.code)
    length = None
    if isinstance(last.code, ast.Constant) and isinstance(first.code, ast.Constant):
        assert isinstance(last.code.value, int)
        assert isinstance(first.code.value, int)
        if last.code.value < first.code.value:
            raise Untranslatable(f"`{deparse(node)}` counts down")
        length = last.code.value - first.code.value + 1
        code = build.fill("np.arange(_a, _b)", _a=first.code, _b=build.number(last.code.value + 1))
    return Meaning(code, Kind.VECTOR, length=length)


@rule("%in%")
def among(translator: Translator, node: Call) -> Meaning:
    """Whether elements are among others."""
    left, right = (translator.expression(value) for value in node.values)
    values = build.items([right.code]) if right.kind in (Kind.TEXT, Kind.NUMBER) else right.code
    if left.kind is Kind.COLUMN:
        return left.with_code(build.fill("_x.isin(_v)", _x=left.code, _v=values))
    if left.kind in (Kind.TEXT, Kind.NUMBER):
        return Meaning(build.fill("_x in _v", _x=left.code, _v=values), Kind.FLAG, length=1)
    code = build.fill("np.isin(_x, _v)", _x=left.code, _v=values)
    return Meaning(code, Kind.VECTOR, length=left.length)


@rule("%*%")
def matrix_product(translator: Translator, node: Call) -> Meaning:
    """The matrix product."""
    left, right = (translator.numeric(value) for value in node.values)
    return Meaning(ast.BinOp(left.code, ast.MatMult(), right.code), Kind.MATRIX)


@rule("%>%")
def pipe(translator: Translator, node: Call) -> Meaning:
    """magrittr's pipe: the left side is the first argument, or stands where a dot does."""
    left, right = node.values
    return translator.expression(piped(left, right, node))


def piped(left: Node, right: Node, node: Call) -> Call:
    """The call that a pipe means."""
    if isinstance(right, Symbol):
        return Call(right, (Argument(None, left),), node.at)
    if not isinstance(right, Call) or right.name in ("(", "{"):
        raise Untranslatable("what stands after %>% is no call")
    dotted = [isinstance(a.value, Symbol) and a.value.name == "." for a in right.arguments]
    arguments: tuple[Argument, ...]
    if any(dotted):
        arguments = tuple(
            Argument(a.name, left) if dot else a
            for a, dot in zip(right.arguments, dotted, strict=True)
        )
    else:
        arguments = (Argument(None, left), *right.arguments)
    return Call(right.function, arguments, node.at)


@rule("~")
def formula(translator: Translator, node: Call) -> Meaning:  # noqa: ARG001 (as all rules)
    """A formula is text."""
    return Meaning(build.constant(deparse(node)), Kind.FORMULA)


@rule("if")
def choice(translator: Translator, node: Call) -> Meaning:
    """One value or another."""
    if len(node.values) != 3:
        raise Untranslatable("an `if` that is used as a value has no `else`")
    condition, yes, no = (translator.expression(value) for value in node.values)
    code = ast.IfExp(condition.code, yes.code, no.code)
    return Meaning(code, yes.kind if yes.kind is no.kind else Kind.UNKNOWN)


@rule("{")
def block(translator: Translator, node: Call) -> Meaning:
    """Braces around one expression."""
    if len(node.values) != 1:
        raise Untranslatable("several statements stand where one value is needed")
    return translator.expression(node.values[0])


@rule("::", ":::")
def qualified(translator: Translator, node: Call) -> Meaning:
    """A name with its package: a data set, or a function that is handed on."""
    last = node.values[1]
    assert isinstance(last, Symbol)
    return translator._unset(last)
