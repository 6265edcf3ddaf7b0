"""Statements with a form of their own: loops and branches, print and cat, set.seed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from parity.translate.made import ASSIGNMENTS, Made, assigned, named
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.tree import Call, Constant, Node, Symbol, walk
from parity.translate.rules.random import stream
from parity.translate.writing import build
from parity.translate.writing.layout import INDENT, lines
from pybootmlm.datasets import list_datasets

if TYPE_CHECKING:
    from parity.translate.statements import Statements

Handler: TypeAlias = "Callable[[Statements, Call], Made]"


def _set_seed(self: Statements, node: Call) -> Made:
    code = stream(self.translator, node)
    if self.translator.in_function:
        raise Untranslatable("set.seed() in a function: set the seed outside")
    self.translator.shared.seeded = True
    return Made(lines("rng = ", code))


def _print(self: Statements, node: Call) -> Made:
    first = node.arguments[0]
    assert first.value is not None
    found = self.translator.expression(first.value)
    given = {a.name: a.value for a in node.arguments[1:] if a.value is not None}
    if found.kind is Kind.VARCORR and "comp" in given:
        wanted = {
            str(getattr(n, "value", "")) for n in walk(given["comp"]) if isinstance(n, Constant)
        }
        options = {
            "variance": any("Variance".startswith(word) for word in wanted),
            "sd": any("Std.Dev.".startswith(word) for word in wanted),
        }
        shown = {k: v for k, v in options.items() if v != (k == "sd")}
        keywords = {k: build.constant(v) for k, v in shown.items()}
        table = build.call(ast.Attribute(found.code, "table"), **keywords) if shown else found.code
        return Made(lines("", build.call("print", table)), gives=found)
    if found.kind is Kind.FIT:
        found = found.with_code(build.fill("_x.summary()", _x=found.code))
    shows = not self.translator.in_function
    return Made(lines("", build.call("print", printable(found))), shows=shows, gives=found)


def _cat(self: Statements, node: Call) -> Made:
    parts: list[ast.expr] = []
    separator: ast.expr | None = None
    for argument in node.arguments:
        if argument.name == "sep":
            separator = self.translator.code(argument.value) if argument.value else None
        elif argument.name is not None or argument.value is None:
            raise Untranslatable(f"`{argument.name}` of cat() has no translation")
        else:
            found = self.translator.expression(argument.value)
            if found.kind in (Kind.VECTOR, Kind.ITEMS, Kind.TEXTS, Kind.COLUMN):
                parts.append(ast.Starred(found.code))
            elif found.kind in (Kind.NUMBER, Kind.TEXT, Kind.FLAG, Kind.FORMULA):
                parts.append(found.code)
            else:
                raise Untranslatable(f"cat() of {found.kind}")
    end: ast.expr | None = build.constant("")
    if parts and isinstance(parts[-1], ast.Constant) and str(parts[-1].value).endswith("\n"):
        rest = str(parts[-1].value)[:-1]
        parts = [*parts[:-1], *([ast.Constant(rest)] if rest else [])]
        end = None
    if separator is not None and isinstance(separator, ast.Constant) and separator.value == "\n":
        end = build.constant("") if end is not None else None
    return Made(lines("", build.call("print", *parts, sep=separator, end=end)))


def _parenthesised(self: Statements, node: Call) -> Made:
    inner = node.values[0]
    made = self.statement(inner)
    if not (isinstance(inner, Call) and inner.name in ASSIGNMENTS):
        return made
    shown = build.name(made.sets[-1][1])
    found = made.gives
    code = printable(found.with_code(shown)) if found is not None else shown
    return replace(made, lines=[*made.lines, *lines("", build.call("print", code))])


def _timed(self: Statements, node: Call) -> Made:
    self.translator.remark(
        "system.time() is left out: the time is not part of the result", once=True
    )
    return replace(self.statement(node.values[0]), shows=False)


def branches(self: Statements, node: Call) -> Made:
    """An `if`, with its `else` if it has one."""
    condition = self.translator.code(node.values[0])
    code = [*lines("if ", condition, ":"), *indented(self.block(node.values[1]))]
    if len(node.values) > 2:
        other = node.values[2]
        if isinstance(other, Call) and other.name == "if":
            nested = branches(self, other)
            code += [f"el{nested.lines[0]}", *nested.lines[1:]]
        else:
            code += ["else:", *indented(self.block(other))]
    return Made(code, tuple(_set_in(self, node)))


def _for(self: Statements, node: Call) -> Made:
    variable, over, body = node.values
    assert isinstance(variable, Symbol)
    if isinstance(over, Call) and over.name == ":" and len(over.values) == 2:
        first, last = (self.translator.code(end) for end in over.values)
        code = build.fill("range(_a, _b + 1)", _a=first, _b=last)
        if isinstance(last, ast.Constant) and isinstance(last.value, int):
            code = build.fill("range(_a, _b)", _a=first, _b=build.number(last.value + 1))
        kind = Kind.NUMBER
    elif isinstance(over, Call) and over.name in ("seq_len", "seq_along"):
        end = self.translator.expression(over.values[0])
        count = end.code if over.name == "seq_len" else build.fill("len(_x)", _x=end.code)
        code, kind = build.fill("range(1, _n + 1)", _n=count), Kind.NUMBER
    else:
        found = self.translator.expression(over)
        code = found.code
        if found.kind is Kind.LIST:
            kind = found.gives
            code = build.fill("_x.values()", _x=code) if found.parts else code
        elif found.kind in (Kind.TEXTS, Kind.ITEMS, Kind.VECTOR, Kind.COLUMN):
            kind = Kind.TEXT if found.kind is Kind.TEXTS else Kind.NUMBER
        else:
            raise Untranslatable(f"a loop over {found.kind}")
    held = self.translator.scope.define(variable.name, Meaning(build.name("_"), kind, length=1))
    head = lines(f"for {named(held)} in ", code, ":")
    return Made([*head, *indented(self.block(body))], tuple(_set_in(self, body)))


def _while(self: Statements, node: Call) -> Made:
    condition = self.translator.code(node.values[0])
    code = [*lines("while ", condition, ":"), *indented(self.block(node.values[1]))]
    return Made(code, tuple(_set_in(self, node.values[1])))


def _repeat(self: Statements, node: Call) -> Made:
    code = ["while True:", *indented(self.block(node.values[0]))]
    return Made(code, tuple(_set_in(self, node.values[0])))


def _jump(self: Statements, node: Call) -> Made:  # noqa: ARG001 (as all handlers)
    return Made(["continue" if node.name == "next" else "break"])


def _braces(self: Statements, node: Call) -> Made:
    return Made(self.block(node), tuple(_set_in(self, node)))


def _invisible(self: Statements, node: Call) -> Made:
    made = self.statement(node.values[0])
    if isinstance(node.values[0], Call) and node.values[0].name in ASSIGNMENTS:
        return made
    return Made([], omitted="its value is not shown")


def _attach(self: Statements, node: Call) -> Made:  # noqa: ARG001 (as all handlers)
    raise Untranslatable(
        "attach() makes columns look like variables; name the data where they are used"
    )


def _message(self: Statements, node: Call) -> Made:
    return Made(lines("", build.call("print", self.translator.code(node.values[0]))))


def _stop(self: Statements, node: Call) -> Made:
    return Made(lines("raise ValueError(", self.translator.code(node.values[0]), ")"))


def _assert(self: Statements, node: Call) -> Made:
    made = [line for value in node.values
            for line in lines("assert ", self.translator.code(value))]  # fmt: skip
    return Made(made)


def _table(self: Statements, node: Call) -> Made:
    found = self.translator.expression(node.values[0])
    return Made(lines("", build.call("print", printable(found))), shows=True, gives=found)


def _data(self: Statements, node: Call) -> Made:
    """data(): a packaged data set, loaded."""
    code: list[str] = []
    sets = []
    for argument in node.arguments:
        if argument.name is not None or argument.value is None:
            continue
        value = argument.value
        title = value.name if isinstance(value, Symbol) else str(getattr(value, "value", ""))
        if title not in list_datasets():
            raise Untranslatable(f"the data set `{title}` is not among those of pybootmlm")
        held = self.translator.dataset(title)
        code += self.translator.shared.before
        self.translator.shared.before.clear()
        sets.append((title, named(held)))
    return Made(code, tuple(sets))


def _structure(self: Statements, node: Call) -> Made:
    found = self.translator.of_kind(node.values[0], Kind.FRAME)
    return Made(lines("", build.fill("_x.info()", _x=found.code)))


HANDLERS: dict[str, Handler] = {
    "set.seed": _set_seed, "print": _print, "cat": _cat, "(": _parenthesised,
    "system.time": _timed, "if": branches, "for": _for, "while": _while, "repeat": _repeat,
    "next": _jump, "break": _jump, "{": _braces, "invisible": _invisible, "attach": _attach,
    "message": _message, "stop": _stop, "stopifnot": _assert, "kable": _table, "str": _structure,
    "View": _table, "data": _data,
}  # fmt: skip


def printable(found: Meaning) -> ast.expr:
    """What to print of something."""
    if found.kind is Kind.PROFILE:
        return build.fill("_x.frame", _x=found.code)
    return found.code


def indented(code: list[str]) -> list[str]:
    """Lines of a block."""
    return [f"{INDENT}{line}" if line else "" for line in code]


def needs_branches(node: Call) -> bool:
    """Whether an `if` that gives a value does more than that in a branch."""
    return len(node.values) == 3 and any(
        isinstance(part, Call) and part.name == "{" and len(part.values) > 1
        for part in node.values[1:]
    )


def _set_in(self: Statements, node: Node) -> Iterator[tuple[str, str]]:
    """Names that are set somewhere in a block."""
    seen: set[str] = set()
    for title in assigned(node):
        held = self.translator.scope.find(title)
        if title not in seen and held is not None and isinstance(held.code, ast.Name):
            seen.add(title)
            yield title, held.code.id
