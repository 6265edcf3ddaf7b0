"""Parts of things are set: columns, elements, names; a data frame becomes another one."""

import ast
from dataclasses import replace

from parity.translate.made import Made, named
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.meaning.scope import View
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant, Node, Symbol
from parity.translate.rules.indexing import place_of
from parity.translate.rules.missing import remark_conditions
from parity.translate.translator import Translator
from parity.translate.writing import build
from parity.translate.writing.layout import lines, text


def replacement(translator: Translator, target: Node, value: Node) -> Made:
    """A part of a variable is set, such as a column of a data frame.

    Raises
    ------
    Untranslatable
        It is a part that is set in no form of pandas that is sure to mean the same.
    """
    if not isinstance(target, Call) or not target.values:
        raise Untranslatable(f"`{deparse(target)}` cannot be set")
    base = target.values[0]
    if target.name in ("$", "[["):
        return _set_column(translator, target, value)
    if target.name == "[" and isinstance(base, Symbol):
        return _set_elements(translator, base, target, value)
    if target.name == "[" and isinstance(base, Call) and base.name == "$":
        return _set_where(translator, base, target, value)
    if target.name in ("names", "colnames", "levels", "contrasts"):
        return _set_names(translator, target, value)
    raise Untranslatable(f"setting `{deparse(target)}` has no translation")


def _frame(translator: Translator, node: Node) -> tuple[str, Meaning]:
    if not isinstance(node, Symbol):
        raise Untranslatable(f"a part of `{deparse(node)}` is set, which is no variable")
    found = translator.expression(node)
    return node.name, found


def _assigned(
    translator: Translator, r_name: str, frame: Meaning, title: str, code: ast.expr
) -> Made:
    columns = None if frame.columns is None else frame.columns | {title}
    if title.isidentifier():
        keyword = ast.keyword(title, code)
    else:
        keyword = ast.keyword(None, ast.Dict([build.constant(title)], [code]))
    made = ast.Call(ast.Attribute(frame.code, "assign"), [], [keyword])
    held = translator.scope.define(r_name, replace(frame, columns=columns))
    return Made(lines(f"{named(held)} = ", made), ((r_name, named(held)),), gives=held)


def _set_column(translator: Translator, target: Call, value: Node) -> Made:
    r_name, frame = _frame(translator, target.values[0])
    last = target.values[1]
    if frame.kind is Kind.LIST:
        return _set_item(translator, r_name, frame, target, value)
    title = last.name if isinstance(last, Symbol) and target.name == "$" else None
    if isinstance(last, Constant) and last.kind == "string":
        title = str(last.value)
    if frame.kind is not Kind.FRAME or title is None:
        raise Untranslatable(f"setting `{deparse(target)}`: {frame.kind}")
    if isinstance(value, Constant) and value.kind == "null":
        code = build.call(ast.Attribute(frame.code, "drop"), columns=build.constant(title))
        left = None if frame.columns is None else frame.columns - {title}
        held = translator.scope.define(r_name, replace(frame, columns=left))
        return Made(lines(f"{named(held)} = ", code), ((r_name, named(held)),))
    found = translator.numeric(value)
    code = found.code
    if found.kind is Kind.COLUMN and found.source != ast.unparse(frame.code):
        code = build.fill("_x.to_numpy()", _x=code)
    remark_conditions(translator, found)
    return _assigned(translator, r_name, frame, title, code)


def _set_item(
    translator: Translator, r_name: str, held: Meaning, target: Call, value: Node
) -> Made:
    found = translator.numeric(value)
    place = target.values[1]
    if isinstance(place, Symbol) and target.name == "$":
        index: ast.expr = build.constant(place.name)
    else:
        _, index = place_of(translator, place)
    element = ast.Subscript(held.code, index)
    translator.scope.define(r_name, replace(held, gives=found.kind))
    return Made(lines(f"{text(element)} = ", found.code), ((r_name, named(held)),))


def _set_elements(translator: Translator, base: Symbol, target: Call, value: Node) -> Made:
    held = translator.expression(base)
    indices = target.arguments[1:]
    found = translator.numeric(value)
    if held.kind is Kind.FRAME and len(indices) == 2 and indices[1].value is not None:
        column = indices[1].value
        if isinstance(column, Constant) and column.kind == "string" and indices[0].value:
            condition = translator.expression(indices[0].value)
            title = str(column.value)
            return _masked(translator, base.name, held, title, condition, found)
    if held.kind is Kind.COLUMN and len(indices) == 1 and indices[0].value is not None:
        return _set_in_column(translator, base.name, held, indices[0].value, found)
    if held.kind not in (Kind.VECTOR, Kind.MATRIX, Kind.LIST):
        raise Untranslatable(f"setting `{deparse(target)}`: elements of {held.kind}")
    places: list[ast.expr] = []
    for index in indices:
        if index.value is None:
            places.append(ast.Slice())
        else:
            how, place = place_of(translator, index.value)
            if how in ("without", "name", "names"):
                raise Untranslatable(f"setting `{deparse(target)}`: by this index")
            places.append(place)
    where = places[0] if len(places) == 1 else ast.Tuple(places)
    place_code = ast.Subscript(held.code, where)
    if held.kind is Kind.LIST:
        translator.scope.define(base.name, replace(held, gives=found.kind))
    return Made(lines(f"{text(place_code)} = ", found.code), ((base.name, named(held)),))


def _set_in_column(
    translator: Translator, r_name: str, held: Meaning, index: Node, found: Meaning
) -> Made:
    """Elements of a column that is a variable of its own: a copy, so that nothing else changes."""
    how, place = place_of(translator, index)
    by = {"number": "iloc", "numbers": "iloc", "name": "loc", "names": "loc", "mask": "loc"}.get(
        how
    )
    if by is None:
        raise Untranslatable("elements of a vector are set by what they are not")
    element = ast.Subscript(ast.Attribute(held.code, by), place)
    copied = lines(f"{named(held)} = ", build.fill("_x.copy()", _x=held.code))
    code = [*copied, *lines(f"{text(element)} = ", found.code)]
    return Made(code, ((r_name, named(held)),), gives=held)


def _set_where(translator: Translator, base: Call, target: Call, value: Node) -> Made:
    r_name, frame = _frame(translator, base.values[0])
    last = base.values[1]
    title = last.name if isinstance(last, Symbol) else str(getattr(last, "value", ""))
    if frame.kind is not Kind.FRAME or len(target.values) != 2:
        raise Untranslatable(f"setting `{deparse(target)}`: {frame.kind}")
    condition = translator.expression(target.values[1])
    return _masked(translator, r_name, frame, title, condition, translator.expression(value))


def _masked(
    translator: Translator,
    r_name: str,
    frame: Meaning,
    title: str,
    condition: Meaning,
    value: Meaning,
) -> Made:
    if condition.kind is not Kind.COLUMN:
        raise Untranslatable("some elements of a column are set, but not by a condition")
    column = translator.column(View(frame.code, frame.columns), title)
    code = build.fill("_x.mask(_c, _v)", _x=column.code, _c=condition.code, _v=value.code)
    return _assigned(translator, r_name, frame, title, code)


def _set_names(translator: Translator, target: Call, value: Node) -> Made:
    inner = target.values[0]
    found = translator.expression(value)
    if target.name == "contrasts":
        raise Untranslatable("contrasts(x) <- ...: give lmer() the argument `contrasts`")
    if target.name == "levels":
        if not (isinstance(inner, Call) and inner.name == "$"):
            raise Untranslatable(f"setting `{deparse(target)}`")
        r_name, frame = _frame(translator, inner.values[0])
        last = inner.values[1]
        title = last.name if isinstance(last, Symbol) else ""
        column = translator.column(View(frame.code, frame.columns), title)
        code = build.fill("_x.cat.rename_categories(_l)", _x=column.code, _l=found.code)
        return _assigned(translator, r_name, frame, title, code)
    if isinstance(inner, Symbol) and len(target.values) == 1:
        r_name, held = _frame(translator, inner)
        if held.kind is Kind.FRAME:
            code = build.call(ast.Attribute(held.code, "set_axis"), found.code,
                              axis=build.constant(1))  # fmt: skip
            changed = translator.scope.define(r_name, replace(held, columns=None))
            return Made(lines(f"{named(changed)} = ", code), ((r_name, named(changed)),))
        if held.kind in (Kind.VECTOR, Kind.COLUMN):
            code = build.call("pd.Series", held.code, index=found.code)
            if held.kind is Kind.COLUMN:
                code = build.call(ast.Attribute(held.code, "set_axis"), found.code)
            changed = translator.scope.define(
                r_name, Meaning(held.code, Kind.COLUMN, length=held.length)
            )
            return Made(lines(f"{named(changed)} = ", code), ((r_name, named(changed)),))
    raise Untranslatable(f"setting `{deparse(target)}`")
