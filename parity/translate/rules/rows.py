"""Rows of a data frame: chosen, left out, sorted."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.meaning.scope import View
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Node
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

from parity.translate.rules.frames import frame_of, select_columns


@rule("subset")
def subset(translator: Translator, node: Call) -> Meaning:
    """Rows that meet a condition, and columns."""
    arguments = match(node, ("x", "subset", "select"))
    frame = frame_of(translator, arguments.need("x"))
    condition, chosen = arguments.take("subset"), arguments.take("select")
    arguments.done()
    if condition is not None:
        frame = where(translator, frame, [condition])
    return frame if chosen is None else select_columns(frame, [(None, chosen)])


@rule("filter")
def keep(translator: Translator, node: Call) -> Meaning:
    """dplyr's filter."""
    arguments = match(node, (".data", "..."))
    frame = frame_of(translator, arguments.need(".data"))
    conditions = [value for title, value in arguments.rest if title is None]
    if len(conditions) < len(arguments.rest):
        raise Untranslatable("filter() has a named argument (or is not dplyr's)")
    return where(translator, frame, conditions)


def where(translator: Translator, frame: Meaning, conditions: list[Node]) -> Meaning:
    """The rows of a frame that meet all conditions."""
    named = isinstance(frame.code, ast.Name)
    inner = translator.fresh("d")
    view = View(frame.code if named else build.name(inner), frame.columns, frame.keys)
    with translator.scope.within(view):
        found = [translator.expression(condition).code for condition in conditions]
    test = found[0]
    for other in found[1:]:
        test = ast.BinOp(test, ast.BitAnd(), other)
    if named:
        return frame.with_code(ast.Subscript(frame.code, test))
    return frame.with_code(build.fill(f"_d.loc[lambda {inner}: _t]", _d=frame.code, _t=test))


@rule("head", "tail")
def ends(translator: Translator, node: Call) -> Meaning:
    """The first or last."""
    arguments = match(node, ("x", "n"))
    found = translator.numeric(arguments.need("x"))
    asked = arguments.take("n")
    count = build.number(6) if asked is None else translator.code(asked)
    arguments.done()
    if found.kind in (Kind.FRAME, Kind.TABLE, Kind.COLUMN):
        shown = None if isinstance(count, ast.Constant) and count.value == 5 else count
        extra = [] if shown is None else [shown]
        return found.with_code(build.call(ast.Attribute(found.code, node.name), *extra))
    pattern = "_x[:_n]" if node.name == "head" else "_x[-_n:]"
    return Meaning(build.fill(pattern, _x=found.code, _n=count), found.kind)


@rule("na.omit", "drop_na")
def complete(translator: Translator, node: Call) -> Meaning:
    """Rows without missing values."""
    if len(node.values) != 1:
        raise Untranslatable(f"`{deparse(node)}`: only of all columns")
    found = translator.of_kind(node.values[0], Kind.FRAME, Kind.COLUMN)
    return found.with_code(build.fill("_x.dropna()", _x=found.code))


@rule("complete.cases")
def complete_rows(translator: Translator, node: Call) -> Meaning:
    """Which rows miss nothing."""
    found = translator.of_kind(node.values[0], Kind.FRAME)
    code = build.fill("_x.notna().all(axis=1)", _x=found.code)
    return Meaning(code, Kind.COLUMN, ast.unparse(found.code))


@rule("arrange")
def arrange(translator: Translator, node: Call) -> Meaning:
    """dplyr's order of rows."""
    arguments = match(node, (".data", "..."))
    frame = frame_of(translator, arguments.need(".data"))
    keys = [value for _, value in arguments.rest]
    return sort_rows(frame, order_parts(translator, frame, keys))


@rule("order")
def order(translator: Translator, node: Call) -> Meaning:
    """An order of rows, to be used between [ and ]."""
    arguments = match(node, ("...", "decreasing"))
    falling = arguments.flag("decreasing", False)
    values = [value for _, value in arguments.rest]
    parts = []
    for value in values:
        minus = isinstance(value, Call) and value.name in ("-", "desc")
        inner = value.values[0] if minus and isinstance(value, Call) else value
        parts.append((translator.expression(inner).code, minus != falling))
    return Meaning(build.constant(None), Kind.ORDER, parts=tuple(parts))


def order_parts(
    translator: Translator, frame: Meaning, keys: list[Node]
) -> tuple[tuple[ast.expr, bool], ...]:
    """The columns to sort by, and whether each falls."""
    parts = []
    with translator.scope.within(View(frame.code, frame.columns)):
        for key in keys:
            minus = isinstance(key, Call) and key.name in ("-", "desc")
            inner = key.values[0] if minus and isinstance(key, Call) else key
            parts.append((translator.expression(inner).code, minus))
    return tuple(parts)


def sort_rows(frame: Meaning, parts: tuple[tuple[ast.expr, bool], ...]) -> Meaning:
    """A frame in an order of its rows."""
    titles = []
    for code, _ in parts:
        if not isinstance(code, ast.Subscript) or not isinstance(code.slice, ast.Constant):
            raise Untranslatable("rows are sorted by something that is no column")
        titles.append(code.slice)
    falls = [falling for _, falling in parts]
    by: ast.expr = titles[0] if len(titles) == 1 else build.items(list(titles))
    rising = None
    if any(falls):
        rising = build.constant(False if len(falls) == 1 else [not fall for fall in falls])
    code = build.call(
        ast.Attribute(frame.code, "sort_values"), by, ascending=rising,
        kind=build.constant("stable"),
    )  # fmt: skip
    return frame.with_code(code)
