"""Parts of things: [ ], [[ ]], $ and @; R counts from 1, Python from 0."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.meaning.scope import View
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Argument, Call, Constant, Node, Symbol
from parity.translate.rules.fit_parts import part_of, slot_of
from parity.translate.rules.rows import sort_rows
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

_TABLES = (Kind.FRAME, Kind.TABLE)


@rule("$")
def dollar(translator: Translator, node: Call) -> Meaning:
    """A column, or a part of a result."""
    left, right = node.values
    title = right.name if isinstance(right, Symbol) else _text(right, node)
    return named_part(translator, translator.expression(left), title, node)


@rule("@")
def slot(translator: Translator, node: Call) -> Meaning:
    """A slot of a fit."""
    left, right = node.values
    assert isinstance(right, Symbol)
    return slot_of(translator.of_kind(left, Kind.FIT).code, right.name)


@rule("[[")
def element(translator: Translator, node: Call) -> Meaning:
    """One element, by name or number."""
    found = translator.expression(node.values[0])
    if len(node.values) != 2:
        raise Untranslatable(f"`{deparse(node)}` has more than one index")
    index = node.values[1]
    if isinstance(index, Constant) and index.kind == "string":
        return named_part(translator, found, str(index.value), node)
    if found.kind is Kind.LIST:
        asked = translator.expression(index)
        place = asked.code if asked.kind is Kind.TEXT else from_zero(asked.code)
        return Meaning(ast.Subscript(found.code, place), found.gives)
    if found.kind in _TABLES:
        place = from_zero(translator.code(index))
        code = build.fill("_x.iloc[:, _i]", _x=found.code, _i=place)
        return Meaning(code, Kind.COLUMN, ast.unparse(found.code))
    if found.kind is Kind.INTERVALS and isinstance(index, Symbol):
        raise Untranslatable(f"`{deparse(node)}`: the kind of interval is not written out")
    return pick(translator, found, Argument(None, index), node)


@rule("[")
def part(translator: Translator, node: Call) -> Meaning:
    """Elements, rows, columns."""
    found = translator.numeric(node.values[0])
    indices = [a for a in node.arguments[1:] if a.name is None]
    for argument in node.arguments[1:]:
        if argument.name not in (None, "drop"):
            raise Untranslatable(f"`{argument.name}` between [ and ] has no translation")
    if len(indices) == 1:
        if found.kind in _TABLES:
            return columns_of(translator, found, indices[0], node)
        return pick(translator, found, indices[0], node)
    base = node.values[0]
    if found.kind is Kind.COLUMN and isinstance(base, Call) and base.name == "scale":
        return found  # R's scale() gives a matrix of one column
    if len(indices) != 2:
        raise Untranslatable(f"`{deparse(node)}` has more than two indices")
    if found.kind in _TABLES:
        return cells(translator, found, indices[0], indices[1], node)
    if found.kind is Kind.MATRIX:
        return of_matrix(translator, found, indices[0], indices[1])
    raise Untranslatable(f"`{deparse(node)}`: rows and columns of {found.kind}")


def named_part(translator: Translator, found: Meaning, title: str, node: Call) -> Meaning:
    """A part that has a name."""
    if found.kind in (Kind.FRAME, Kind.GROUPED):
        if found.columns is not None and title not in found.columns:
            raise Untranslatable(f"the data have no column `{title}`")
        return translator.column(View(found.code, found.columns), title)
    if found.kind is Kind.TABLE:
        code = build.column(found.code, title)
        return Meaning(code, Kind.COLUMN, ast.unparse(found.code))
    if found.kind in (Kind.LIST, Kind.COLUMN):
        kind = found.gives if found.kind is Kind.LIST else Kind.NUMBER
        return Meaning(build.column(found.code, title), kind)
    return part_of(found, title, deparse(node))


def from_zero(index: ast.expr) -> ast.expr:
    """An index that counts from 0, for one that counts from 1.

    Examples
    --------
    >>> ast.unparse(from_zero(ast.Constant(3))), ast.unparse(from_zero(ast.Name("i")))
    ('2', 'i - 1')
    """
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        return build.number(index.value - 1)
    if isinstance(index, ast.List):
        return build.items([from_zero(item) for item in index.elts])
    if isinstance(index, ast.BinOp) and ast.unparse(index).endswith(" + 1"):
        return index.left  # what counted from 0 before
    return build.fill("_i - 1", _i=index)


def place_of(translator: Translator, node: Node) -> tuple[str, ast.expr]:
    """How an index chooses: number, numbers, without, name, names or mask; and the index."""
    if isinstance(node, Call) and node.name == "-" and len(node.values) == 1:
        gone = translator.expression(node.values[0])
        return "without", from_zero(gone.code)
    if isinstance(node, Call) and node.name == ":":
        first, last = (translator.code(v) for v in node.values)
        return "numbers", ast.Slice(from_zero(first), last)
    found = translator.expression(node)
    if found.kind is Kind.NUMBER:
        return "number", from_zero(found.code)
    if found.kind is Kind.ITEMS:
        assert isinstance(found.code, ast.List)
        if all(isinstance(item, ast.Constant) for item in found.code.elts) and all(
            item.value is True or item.value is False for item in found.code.elts  # type: ignore[attr-defined]
        ):  # fmt: skip
            return "mask", found.code
        if any(isinstance(item, ast.UnaryOp) for item in found.code.elts):
            raise Untranslatable("negative numbers stand among the indices")
        return "numbers", from_zero(found.code)
    if found.kind is Kind.TEXT:
        return "name", found.code
    if found.kind is Kind.TEXTS:
        return "names", found.code
    if found.kind is Kind.ROWS:
        return "numbers", found.code
    if found.kind is Kind.COLUMN or _is_mask(node):
        return "mask", found.code
    if found.kind in (Kind.VECTOR, Kind.UNKNOWN):
        return ("number" if translator.in_function else "numbers"), from_zero(found.code)
    raise Untranslatable(f"`{deparse(node)}` is no index that is understood: {found.kind}")


def _is_mask(node: Node) -> bool:
    comparisons = ("<", ">", "<=", ">=", "==", "!=", "!", "&", "|", "%in%", "is.na", "is.finite")
    while isinstance(node, Call) and node.name == "(":
        node = node.values[0]
    return isinstance(node, Call) and node.name in comparisons


def pick(translator: Translator, found: Meaning, index: Argument, node: Call) -> Meaning:
    """Elements of a vector or a column."""
    if index.value is None:
        return found
    if found.kind not in (Kind.VECTOR, Kind.COLUMN, Kind.TEXTS, Kind.MATRIX, Kind.UNKNOWN,
                          Kind.NUMBER, Kind.LIST):  # fmt: skip
        raise Untranslatable(f"`{deparse(node)}`: elements of {found.kind}")
    how, place = place_of(translator, index.value)
    code = found.code
    if found.kind is Kind.NUMBER:
        if how == "number" and isinstance(place, ast.Constant) and place.value == 0:
            return found
        raise Untranslatable(f"`{deparse(node)}`: elements of one number")
    if found.kind is Kind.MATRIX:
        code = build.fill("_x.ravel(order='F')", _x=code)
    one = Kind.TEXT if found.kind is Kind.TEXTS else Kind.NUMBER
    many = Kind.VECTOR if found.kind is Kind.MATRIX else found.kind
    if how == "without":
        if found.kind is Kind.COLUMN:
            dropped = build.fill("_x.drop(_x.index[_i])", _x=code, _i=place)
            return Meaning(dropped, Kind.COLUMN, ast.unparse(dropped))
        return Meaning(build.fill("np.delete(_x, _i)", _x=code, _i=place), Kind.VECTOR)
    if how == "number":
        pattern = "_x.iloc[_i]" if found.kind is Kind.COLUMN else "_x[_i]"
        return Meaning(build.fill(pattern, _x=code, _i=place), one, length=1)
    if how in ("name", "names"):
        kind = Kind.NUMBER if how == "name" else Kind.COLUMN
        return Meaning(build.fill("_x[_i]", _x=code, _i=place), kind)
    if how == "numbers" and found.kind is Kind.COLUMN:
        code = ast.Subscript(build.fill("_x.iloc", _x=code), place)
    else:
        code = ast.Subscript(code, place)
    source = ast.unparse(code) if many is Kind.COLUMN else ""
    length = len(place.elts) if isinstance(place, ast.List) and how == "numbers" else None
    return Meaning(code, many, source, length=length, factor=found.factor)


def columns_of(translator: Translator, found: Meaning, index: Argument, node: Call) -> Meaning:
    """Columns of a frame: d["a"], d[c("a", "b")], d[2:3]."""
    if index.value is None:
        return found
    how, place = place_of(translator, index.value)
    if how in ("name", "names"):
        titles = build.items([place]) if how == "name" else place
        return found.with_code(ast.Subscript(found.code, titles))
    if how == "without":
        code = build.fill("_x.drop(columns=_x.columns[_i])", _x=found.code, _i=place)
        return replace(found, code=code, columns=None)
    if how == "mask":
        raise Untranslatable(f"`{deparse(node)}`: a condition where columns are chosen")
    if how == "number":
        place = build.items([place])
    code = ast.Subscript(build.fill("_x.iloc", _x=found.code), ast.Tuple([ast.Slice(), place]))
    return replace(found, code=code, columns=None)


def cells(
    translator: Translator, found: Meaning, row: Argument, column: Argument, node: Call
) -> Meaning:
    """Rows and columns of a frame or table."""
    one = _one_cell(translator, found, row, column)
    if one is not None:
        return one
    rows = rows_of(translator, found, row)
    if column.value is None:
        return rows
    how, place = place_of(translator, column.value)
    one_row = row.value is not None and isinstance(rows.code, ast.Subscript) and rows.kind is not (
        found.kind
    )  # fmt: skip
    if how == "name":
        if one_row:
            return Meaning(ast.Subscript(rows.code, place), Kind.NUMBER, length=1)
        titled = ast.Subscript(rows.code, place)
        return Meaning(titled, Kind.COLUMN, ast.unparse(rows.code))
    if how == "number":
        if one_row:
            return Meaning(build.fill("_x.iloc[_i]", _x=rows.code, _i=place), Kind.NUMBER, length=1)
        code = build.fill("_x.iloc[:, _i]", _x=rows.code, _i=place)
        return Meaning(code, Kind.COLUMN, ast.unparse(rows.code))
    if one_row:
        if how == "numbers" and isinstance(place, ast.Slice | ast.List):
            some = ast.Subscript(build.fill("_x.iloc", _x=rows.code), place)
            return Meaning(some, Kind.COLUMN, ast.unparse(some))
        raise Untranslatable(f"`{deparse(node)}`: these cells")
    return columns_of(translator, rows, column, node)


def _one_cell(
    translator: Translator, found: Meaning, row: Argument, column: Argument
) -> Meaning | None:
    """A single number of a table, by two numbers or two names."""
    if row.value is None or column.value is None or found.kind is not Kind.TABLE:
        return None
    if not all(isinstance(a.value, Constant) for a in (row, column)):
        return None
    (one, i), (other, j) = (place_of(translator, a.value) for a in (row, column) if a.value)
    if one != other or one not in ("number", "name"):
        return None
    by = "iloc" if one == "number" else "loc"
    return Meaning(build.fill(f"_x.{by}[_i, _j]", _x=found.code, _i=i, _j=j), Kind.NUMBER, length=1)


def rows_of(translator: Translator, found: Meaning, row: Argument) -> Meaning:
    """Rows of a frame or table; one row is a column of numbers with names."""
    if row.value is None:
        return found
    with_order = isinstance(row.value, Call) and row.value.name == "order"
    if with_order:
        order = translator.expression(row.value)
        return sort_rows(found, order.parts)
    how, place = place_of(translator, row.value)
    if how == "mask":
        if found.columns is None and found.kind is Kind.FRAME:
            translator.remark("where the condition is NA, R has a row of NA, and pandas none")
        return found.with_code(ast.Subscript(found.code, place))
    if how == "without":
        code = build.fill("_x.drop(_x.index[_i])", _x=found.code, _i=place)
        return found.with_code(code)
    if how == "name":
        code = build.fill("_x.loc[_i]", _x=found.code, _i=place)
        return Meaning(code, Kind.COLUMN, ast.unparse(code))
    if how == "number" and found.kind is Kind.TABLE:
        code = build.fill("_x.iloc[_i]", _x=found.code, _i=place)
        return Meaning(code, Kind.COLUMN, ast.unparse(code))
    if how == "number":
        place = build.items([place])
    pattern = "_x.loc" if how == "names" else "_x.iloc"
    return found.with_code(ast.Subscript(build.fill(pattern, _x=found.code), place))


def of_matrix(translator: Translator, found: Meaning, row: Argument, column: Argument) -> Meaning:
    """Rows and columns of an array."""
    places: list[ast.expr] = []
    single = 0
    for argument in (row, column):
        if argument.value is None:
            places.append(ast.Slice())
            continue
        how, place = place_of(translator, argument.value)
        if how in ("name", "names", "without"):
            raise Untranslatable("rows and columns of an array have numbers here, not names")
        single += how == "number"
        places.append(place)
    kind = (Kind.MATRIX, Kind.VECTOR, Kind.NUMBER)[single]
    inner = places[0] if isinstance(places[1], ast.Slice) and places[1].upper is None and (
        not isinstance(places[0], ast.Slice)
    ) else ast.Tuple(places)  # fmt: skip
    return Meaning(ast.Subscript(found.code, inner), kind, length=1 if single == 2 else None)


def _text(node: Node, call: Call) -> str:
    if isinstance(node, Constant) and node.kind == "string":
        return str(node.value)
    raise Untranslatable(f"`{deparse(call)}`: what stands after $ is no name")
