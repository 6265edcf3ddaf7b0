"""Lists, and functions of every element of one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Argument, Call, Function, Node, Symbol
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


@rule("list")
def make(translator: Translator, node: Call) -> Meaning:
    """A list, or a dict where all elements have names."""
    found = [translator.expression(value) for value in node.values]
    kinds = {one.kind for one in found}
    gives = kinds.pop() if len(kinds) == 1 else Kind.UNKNOWN
    titles = [argument.name for argument in node.arguments]
    codes = [one.code for one in found]
    if titles and all(titles):
        keys = [build.constant(title) for title in titles]
        return Meaning(
            ast.Dict(list(keys), codes), Kind.LIST, gives=gives, parts=((codes[0], True),)
        )
    if any(titles):
        raise Untranslatable(f"`{deparse(node)}`: some elements have names and some have not")
    return Meaning(build.items(codes), Kind.LIST, gives=gives)


@rule("vector")
def empty(translator: Translator, node: Call) -> Meaning:
    """A list or vector to be filled."""
    arguments = match(node, ("mode", "length"))
    mode, count = arguments.text("mode", "logical"), arguments.take("length")
    if mode == "list" and count is not None:
        return Meaning(build.fill("[None] * _n", _n=translator.code(count)), Kind.LIST)
    if mode == "numeric" and count is not None:
        return Meaning(build.call("np.zeros", translator.code(count)), Kind.VECTOR)
    raise Untranslatable(f"`{deparse(node)}`: this kind of empty vector")


@rule("lapply", "sapply", "vapply", "map", "map_dbl")
def each(translator: Translator, node: Call) -> Meaning:
    """A function of every element."""
    arguments = match(node, ("X", "FUN", "..."))
    over = translator.expression(arguments.need("X"))
    function = arguments.need("FUN")
    rest = [
        Argument(title, value)
        for title, value in arguments.rest
        if title not in ("FUN.VALUE", "USE.NAMES", "simplify")
    ]
    if node.name == "vapply":
        rest = [argument for argument in rest if argument.name is not None]
    named = over.kind is Kind.LIST and (bool(over.parts) or isinstance(over.code, ast.Dict))
    element = over.gives if over.kind is Kind.LIST else (
        Kind.TEXT if over.kind is Kind.TEXTS else Kind.NUMBER
    )  # fmt: skip
    variable, value = _applied(translator, function, rest, element, node)
    simple = node.name not in ("lapply", "map")
    if named:
        pairs = build.fill("{name: _v for name, _x in _l.items()}",
                           _v=value.code, _l=over.code)  # fmt: skip
        pairs = _named_variable(pairs, variable)
        if not simple:
            return Meaning(pairs, Kind.LIST, gives=value.kind, parts=((over.code, True),))
        return Meaning(build.fill("pd.Series(_p)", _p=pairs), Kind.COLUMN)
    loop = ast.comprehension(ast.Name(variable), over.code, [], 0)
    found: ast.expr = ast.ListComp(value.code, [loop])
    if not simple:
        return Meaning(found, Kind.LIST, gives=value.kind)
    if value.kind not in NUMERIC:
        raise Untranslatable(f"`{deparse(node)}` puts {value.kind} into a vector: use lapply()")
    if value.kind in (Kind.VECTOR, Kind.COLUMN, Kind.ITEMS) and value.length != 1:
        # R puts the results side by side, one column each.
        return Meaning(build.fill("np.column_stack(_x)", _x=found), Kind.MATRIX)
    return Meaning(build.fill("np.array(_x)", _x=found), Kind.VECTOR)


def _named_variable(pairs: ast.expr, variable: str) -> ast.expr:
    for part in ast.walk(pairs):
        if isinstance(part, ast.Name) and part.id == "_x":
            part.id = variable
    return pairs


def _applied(
    translator: Translator, function: Node, rest: list[Argument], element: Kind, node: Call
) -> tuple[str, Meaning]:
    """The variable of the loop, and what the function makes of it."""
    if isinstance(function, Function):
        if len(function.parameters) != 1 or rest:
            raise Untranslatable(f"`{deparse(node)}`: the function has more than one parameter")
        body, title = function.body, function.parameters[0].name or "x"
        while isinstance(body, Call) and body.name in ("{", "(") and len(body.values) == 1:
            body = body.values[0]
        inner = translator.inner(function)
    else:
        title = "item"
        argument = Argument(None, Symbol(title, node.at))
        body = Call(function, (argument, *rest), node.at)
        inner = translator.inner(Function((Argument(title, None),), body, node.at))
    if element is not Kind.UNKNOWN:
        inner.scope.define(title, Meaning(build.name("_"), element))
    value = inner.expression(body)
    if inner.before:
        raise Untranslatable(f"`{deparse(node)}`: name the function before")
    return inner.scope.python_name(title), value


@rule("replicate")
def again(translator: Translator, node: Call) -> Meaning:
    """An expression, evaluated several times."""
    arguments = match(node, ("n", "expr", "simplify"))
    count = translator.code(arguments.need("n"))
    value = translator.numeric(arguments.need("expr"))
    if value.kind not in NUMERIC:
        raise Untranslatable(f"`{deparse(node)}` repeats {value.kind}")
    code = build.fill("[_v for _ in range(_n)]", _v=value.code, _n=count)
    if value.length == 1 or value.kind is Kind.NUMBER:
        return Meaning(build.fill("np.array(_x)", _x=code), Kind.VECTOR)
    return Meaning(build.fill("np.column_stack(_x)", _x=code), Kind.MATRIX)


@rule("unlist")
def flat(translator: Translator, node: Call) -> Meaning:
    """The numbers of a list in one vector."""
    found = translator.expression(node.values[0])
    if found.kind is not Kind.LIST or found.gives not in NUMERIC or found.parts:
        raise Untranslatable(f"`{deparse(node)}`: not a list of numbers without names")
    return Meaning(build.fill("np.hstack(_x)", _x=found.code), Kind.VECTOR)


@rule("do.call")
def called_with(translator: Translator, node: Call) -> Meaning:
    """rbind() of a list."""
    arguments = match(node, ("what", "args"))
    what = arguments.need("what")
    name = what.name if isinstance(what, Symbol) else str(getattr(what, "value", ""))
    found = translator.of_kind(arguments.need("args"), Kind.LIST)
    values = found.code
    if found.parts:
        values = build.fill("list(_x.values())", _x=values)
    if name == "rbind" and found.gives is Kind.FRAME:
        code = build.call("pd.concat", values, ignore_index=build.constant(True))
        return Meaning(code, Kind.FRAME)
    if name in ("rbind", "cbind") and found.gives in (Kind.VECTOR, Kind.COLUMN):
        stacked = "np.vstack" if name == "rbind" else "np.column_stack"
        return Meaning(build.call(stacked, values), Kind.MATRIX)
    raise Untranslatable(f"`{deparse(node)}`: only rbind and cbind of a list")
