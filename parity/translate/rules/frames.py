"""Data frames: their columns, old and new, and what they are; base R's verbs and dplyr's."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.meaning.scope import View
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant, Node, Symbol
from parity.translate.rules.missing import remark_conditions
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

FRAMES = (Kind.FRAME, Kind.GROUPED)


# --- rows


# --- columns


@rule("mutate", "transform")
def mutate(translator: Translator, node: Call) -> Meaning:
    """New columns from old ones; transform() sees only the old ones, mutate() the new ones too."""
    arguments = match(node, (".data", "...") if node.name == "mutate" else ("_data", "..."))
    frame = frame_of(translator, arguments.need(arguments_first(node)))
    keywords: list[ast.keyword] = []
    columns, inner = frame.columns, translator.fresh("d")
    made: set[str] = set()
    for title, value in arguments.rest:
        if title is None:
            raise Untranslatable(f"a new column of {node.name}() has no name")
        view = View(build.name(inner), columns, frame.keys)
        with translator.scope.within(view):
            found = translator.expression(value)
            remark_conditions(translator, found)
        if node.name == "transform" and _mentions(found.code, made):
            raise Untranslatable("transform() uses the old values of a column that it changes")
        code = found.code
        if _uses(code, inner):
            code = build.fill(f"lambda {inner}: _x", _x=code)
        keywords.append(ast.keyword(title, code))
        made.add(title)
        columns = None if columns is None else columns | {title}
    if not all(title.isidentifier() for title in made):
        pairs = ast.Dict([build.constant(k.arg) for k in keywords], [k.value for k in keywords])
        keywords = [ast.keyword(None, pairs)]
    code = ast.Call(ast.Attribute(frame.code, "assign"), [], keywords)
    return replace(frame, code=code, columns=columns)


def arguments_first(node: Call) -> str:
    """What the first parameter of mutate() or transform() is called."""
    return ".data" if node.name == "mutate" else "_data"


def _mentions(code: ast.expr, titles: set[str]) -> bool:
    return any(isinstance(n, ast.Constant) and n.value in titles for n in ast.walk(code))


def _uses(code: ast.expr, variable: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == variable for n in ast.walk(code))


@rule("select")
def select(translator: Translator, node: Call) -> Meaning:
    """dplyr's choice of columns."""
    arguments = match(node, (".data", "..."))
    frame = frame_of(translator, arguments.need(".data"))
    return select_columns(frame, arguments.rest)


def select_columns(frame: Meaning, chosen: list[tuple[str | None, Node]]) -> Meaning:
    """Some columns of a frame, or all but some."""
    kept: list[str] = []
    dropped: list[str] = []
    renamed: dict[str, str] = {}
    for title, value in chosen:
        away = isinstance(value, Call) and value.name == "-"
        inner = value.values[0] if away and isinstance(value, Call) else value
        for name in titles_of(inner):
            (dropped if away else kept).append(name)
            if title is not None:
                renamed[name] = title
    if dropped and kept:
        raise Untranslatable("columns are chosen and left out at once")
    if dropped:
        code = build.call(ast.Attribute(frame.code, "drop"), columns=build.constant(dropped))
        left = None if frame.columns is None else frame.columns - set(dropped)
        return replace(frame, code=code, columns=left)
    code = ast.Subscript(frame.code, build.constant(kept))
    if renamed:
        code = build.call(ast.Attribute(code, "rename"), columns=build.constant(renamed))
    return replace(frame, code=code, columns=frozenset(renamed.get(k, k) for k in kept))


def titles_of(node: Node) -> list[str]:
    """Columns named by symbols or texts, one or several in c().

    Examples
    --------
    >>> from parity.translate.reading.parser import parse
    >>> titles_of(parse('c(a, "b c")').statements[0])
    ['a', 'b c']
    """
    if isinstance(node, Symbol):
        return [node.name]
    if isinstance(node, Constant) and node.kind == "string":
        return [str(node.value)]
    if isinstance(node, Call) and node.name in ("c", "(", "cbind", "vars"):
        return [title for value in node.values for title in titles_of(value)]
    raise Untranslatable(f"`{deparse(node)}` does not name columns one by one")


@rule("rename")
def rename(translator: Translator, node: Call) -> Meaning:
    """dplyr's new names."""
    arguments = match(node, (".data", "..."))
    frame = frame_of(translator, arguments.need(".data"))
    names = {titles_of(value)[0]: title for title, value in arguments.rest if title is not None}
    code = build.call(ast.Attribute(frame.code, "rename"), columns=build.constant(names))
    columns = None
    if frame.columns is not None:
        columns = frozenset(names.get(c, c) for c in frame.columns)
    return replace(frame, code=code, columns=columns)


@rule("with")
def using(translator: Translator, node: Call) -> Meaning:
    """An expression in which columns can be named without their frame."""
    arguments = match(node, ("data", "expr"))
    frame = frame_of(translator, arguments.need("data"))
    expression = arguments.need("expr")
    with translator.scope.within(View(frame.code, frame.columns)):
        return translator.expression(expression)


@rule("within")
def inside(translator: Translator, node: Call) -> Meaning:
    """Assignments among the columns of a frame."""
    arguments = match(node, ("data", "expr"))
    frame = frame_of(translator, arguments.need("data"))
    body = arguments.need("expr")
    steps = body.values if isinstance(body, Call) and body.name == "{" else (body,)
    inner = translator.fresh("d")
    for step in steps:
        if not (isinstance(step, Call) and step.name in ("<-", "=")):
            raise Untranslatable(f"within() has a step that sets no column: `{deparse(step)}`")
        target, value = step.values
        if not isinstance(target, Symbol):
            raise Untranslatable(f"within() sets `{deparse(target)}`, which is no column")
        with translator.scope.within(View(build.name(inner), frame.columns)):
            found = translator.expression(value)
        code = found.code
        if _uses(code, inner):
            code = build.fill(f"lambda {inner}: _x", _x=code)
        keyword = ast.keyword(target.name, code)
        columns = None if frame.columns is None else frame.columns | {target.name}
        made = frame.code
        if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and (
            made.func.attr == "assign"
        ):  # fmt: skip
            made.keywords.append(keyword)
        else:
            made = ast.Call(ast.Attribute(made, "assign"), [], [keyword])
        frame = replace(frame, code=made, columns=columns)
    return frame


# --- what a frame is


@rule("nrow", "NROW")
def rows(translator: Translator, node: Call) -> Meaning:
    """How many rows."""
    return Meaning(build.fill("len(_x)", _x=translator.code(node.values[0])), Kind.NUMBER, length=1)


@rule("ncol", "NCOL")
def width(translator: Translator, node: Call) -> Meaning:
    """How many columns."""
    code = build.fill("_x.shape[1]", _x=translator.code(node.values[0]))
    return Meaning(code, Kind.NUMBER, length=1)


@rule("dim")
def shape(translator: Translator, node: Call) -> Meaning:
    """Rows and columns."""
    code = build.fill("_x.shape", _x=translator.code(node.values[0]))
    return Meaning(code, Kind.VECTOR, length=2)


@rule("names", "colnames")
def names(translator: Translator, node: Call) -> Meaning:
    """Names of columns, or of the elements of a vector."""
    found = translator.expression(node.values[0])
    if found.kind in (Kind.FRAME, Kind.TABLE):
        return Meaning(build.fill("list(_x.columns)", _x=found.code), Kind.TEXTS)
    if found.kind is Kind.COLUMN:
        return Meaning(build.fill("list(_x.index)", _x=found.code), Kind.TEXTS)
    raise Untranslatable(f"`{deparse(node)}`: names of {found.kind}")


# --- joining


def frame_of(translator: Translator, node: Node) -> Meaning:
    """An expression that must be a data frame."""
    return translator.of_kind(node, *FRAMES)


def ungrouped(found: Meaning) -> Meaning:
    """A frame without its groups."""
    return replace(found, kind=Kind.FRAME, keys=())
