"""Vectors: put together, repeated, counted, turned round."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

_SCALARS = (Kind.NUMBER, Kind.FLAG)


@rule("c")
def combine(translator: Translator, node: Call) -> Meaning:
    """c(): a list of constants, or an array."""
    found = [translator.expression(value) for value in node.values]
    titles = [argument.name for argument in node.arguments]
    if any(titles):
        return _named(translator, node, found)
    lengths = [one.length for one in found]
    total = None if None in lengths else sum(length or 0 for length in lengths)
    codes = [one.code for one in found]
    kinds = {one.kind for one in found}
    if kinds == {Kind.TEXT}:
        return Meaning(build.items(codes), Kind.TEXTS, length=total)
    if Kind.TEXT in kinds or Kind.TEXTS in kinds:
        if kinds <= {Kind.TEXT, Kind.TEXTS}:
            parts = [ast.Starred(one.code) if one.kind is Kind.TEXTS else one.code for one in found]
            return Meaning(build.items(parts), Kind.TEXTS, length=total)
        raise Untranslatable(f"`{deparse(node)}` mixes texts and numbers")
    if kinds <= set(_SCALARS) and all(_constant(value) for value in node.values):
        return Meaning(build.items(codes), Kind.ITEMS, length=total)
    if any(one.kind not in NUMERIC for one in found):
        strange = next(one.kind for one in found if one.kind not in NUMERIC)
        raise Untranslatable(f"`{deparse(node)}` puts {strange} into a vector")
    if kinds <= set(_SCALARS):
        return Meaning(build.fill("np.array(_x)", _x=build.items(codes)), Kind.VECTOR, length=total)
    joined = ast.Subscript(build.fill("np.r_"), ast.Tuple(codes) if len(codes) > 1 else codes[0])
    return Meaning(joined, Kind.VECTOR, length=total)


def _constant(node: object) -> bool:
    if isinstance(node, Call) and node.name == "-" and len(node.values) == 1:
        return isinstance(node.values[0], Constant)
    return isinstance(node, Constant)


def _named(translator: Translator, node: Call, found: list[Meaning]) -> Meaning:
    pairs: list[tuple[str, ast.expr]] = []
    for argument, one in zip(node.arguments, found, strict=True):
        if argument.name is None or one.kind not in (*_SCALARS, Kind.UNKNOWN, Kind.TEXT):
            single = one.length == 1 and one.kind in (Kind.VECTOR, Kind.COLUMN)
            if argument.name is None or not single:
                raise Untranslatable(
                    f"`{deparse(node)}` names something that may be more than one number"
                )
        pairs.append((argument.name, one.code))
    if all(one.kind is Kind.TEXT for one in found):
        keys = [build.constant(title) for title, _ in pairs]
        return Meaning(ast.Dict(list(keys), [code for _, code in pairs]), Kind.LIST)
    keys = [build.constant(title) for title, _ in pairs]
    made = ast.Dict(list(keys), [code for _, code in pairs])
    code = made if translator.in_function else build.fill("pd.Series(_x)", _x=made)
    return Meaning(code, Kind.COLUMN, length=len(pairs))


@rule("length")
def length(translator: Translator, node: Call) -> Meaning:
    """How many."""
    (value,) = node.values
    found = translator.expression(value)
    if found.kind is Kind.FRAME:
        return Meaning(build.fill("_x.shape[1]", _x=found.code), Kind.NUMBER, length=1)
    if found.kind is Kind.NUMBER:
        return Meaning(build.number(1), Kind.NUMBER, length=1)
    return Meaning(build.fill("len(_x)", _x=found.code), Kind.NUMBER, length=1)


@rule("rep")
def repeat(translator: Translator, node: Call) -> Meaning:
    """A value or vector, repeated."""
    arguments = match(node, ("x", "times", "each", "length.out"))
    found = translator.expression(arguments.need("x"))
    times, each = arguments.take("times"), arguments.take("each")
    arguments.done()
    code = found.code
    if each is not None:
        code = build.fill("np.repeat(_x, _n)", _x=code, _n=translator.code(each))
    if times is not None:
        code = build.fill("np.tile(_x, _n)", _x=code, _n=translator.code(times))
    return Meaning(code, Kind.TEXTS if found.kind in (Kind.TEXT, Kind.TEXTS) else Kind.VECTOR)


@rule("seq")
def regular(translator: Translator, node: Call) -> Meaning:
    """Equally spaced numbers."""
    arguments = match(node, ("from", "to", "by", "length.out"))
    first, last = arguments.need("from"), arguments.take("to")
    step, count = arguments.take("by"), arguments.take("length.out")
    arguments.done()
    if last is None:
        raise Untranslatable(f"`{deparse(node)}` has one argument: use seq_len() or seq_along()")
    a, b = translator.code(first), translator.code(last)
    if count is not None:
        n = translator.expression(count)
        return Meaning(build.call("np.linspace", a, b, n.code), Kind.VECTOR)
    if step is None:
        return Meaning(build.fill("np.arange(_a, _b + 1)", _a=a, _b=b), Kind.VECTOR)
    s = translator.code(step)
    pattern = "_a + _s * np.arange(int((_b - _a) / _s + 1e-10) + 1)"
    return Meaning(build.fill(pattern, _a=a, _b=b, _s=s), Kind.VECTOR)


@rule("seq_len", "seq_along")
def counting(translator: Translator, node: Call) -> Meaning:
    """1, 2, ..."""
    (value,) = node.values
    found = translator.expression(value)
    end = found.code if node.name == "seq_len" else build.fill("len(_x)", _x=found.code)
    return Meaning(build.fill("np.arange(1, _n + 1)", _n=end), Kind.VECTOR)


@rule("rev")
def reverse(translator: Translator, node: Call) -> Meaning:
    """The other way round."""
    found = translator.numeric(node.values[0])
    return found.with_code(build.fill("_x[::-1]", _x=found.code))


@rule("sort")
def sort(translator: Translator, node: Call) -> Meaning:
    """In order."""
    arguments = match(node, ("x", "decreasing"))
    found = translator.numeric(arguments.need("x"))
    falling = arguments.flag("decreasing", False)
    arguments.done()
    if found.kind is Kind.COLUMN:
        order = build.constant(False) if falling else None
        return found.with_code(
            build.call(ast.Attribute(found.code, "sort_values"), ascending=order)
        )
    code = build.fill("np.sort(_x)", _x=found.code)
    return Meaning(build.fill("_x[::-1]", _x=code) if falling else code, Kind.VECTOR)


@rule("which", "which.max", "which.min")
def which(translator: Translator, node: Call) -> Meaning:
    """Places, counted from 1."""
    found = translator.numeric(node.values[0])
    if node.name == "which":
        return Meaning(build.fill("np.flatnonzero(_x) + 1", _x=found.code), Kind.VECTOR)
    function = "argmax" if node.name == "which.max" else "argmin"
    code = build.fill(f"int(np.{function}(_x)) + 1", _x=found.code)
    return Meaning(code, Kind.NUMBER, length=1)


@rule("numeric", "double")
def zeros(translator: Translator, node: Call) -> Meaning:
    """A vector of zeros, to be filled."""
    arguments = match(node, ("length",))
    count = arguments.need("length")
    return Meaning(build.call("np.zeros", translator.code(count)), Kind.VECTOR)
