"""Columns: factors and their levels, centring, conditions, missing values, conversions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call
from parity.translate.rules.missing import remark_conditions
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


@rule("factor", "as.factor", "ordered")
def factor(translator: Translator, node: Call) -> Meaning:
    """A factor: levels in the given order, or sorted."""
    arguments = match(node, ("x", "levels", "labels", "ordered"))
    found = translator.expression(arguments.need("x"))
    levels, labels = arguments.take("levels"), arguments.take("labels")
    is_ordered = arguments.flag("ordered", node.name == "ordered")
    arguments.done()
    if found.kind is not Kind.COLUMN or not found.source:
        values = translator.as_numeric(found).code
        if found.kind in (Kind.TEXT, Kind.NUMBER):
            values = build.items([values])
        made = build.call(
            "pd.Categorical", values,
            categories=None if levels is None else translator.code(levels),
            ordered=build.constant(True) if is_ordered else None,
        )  # fmt: skip
        if labels is not None:
            raise Untranslatable("`labels` of a factor that is no column")
        return Meaning(build.fill("pd.Series(_x)", _x=made), Kind.COLUMN, factor=True)
    code: ast.expr
    if levels is None and not is_ordered:
        code = build.fill("_x.astype('category')", _x=found.code)
    else:
        made = build.call(
            "pd.CategoricalDtype", *([] if levels is None else [translator.code(levels)]),
            ordered=build.constant(True) if is_ordered else None,
        )  # fmt: skip
        if levels is None:
            code = build.fill("_x.astype('category').cat.as_ordered()", _x=found.code)
        else:
            code = build.fill("_x.astype(_t)", _x=found.code, _t=made)
    if labels is not None:
        code = build.fill("_x.cat.rename_categories(_l)", _x=code, _l=translator.code(labels))
    elif found.factor and levels is None:
        code = build.fill("_x.cat.remove_unused_categories()", _x=found.code)
    return replace(found, code=code, factor=True)


@rule("droplevels")
def drop_levels(translator: Translator, node: Call) -> Meaning:
    """Without the levels that no row has."""
    found = translator.of_kind(node.values[0], Kind.COLUMN, Kind.FRAME)
    if found.kind is Kind.FRAME:
        pattern = "_x.apply(lambda _c: _c.cat.remove_unused_categories() if _c.dtype == _t else _c)"
        inner = translator.fresh("column")
        code = build.fill(
            pattern, _x=found.code, _c=build.name(inner), _t=build.constant("category")
        )
        for part in ast.walk(code):
            if isinstance(part, ast.arg):
                part.arg = inner
        return found.with_code(code)
    return found.with_code(build.fill("_x.cat.remove_unused_categories()", _x=found.code))


@rule("relevel")
def relevel(translator: Translator, node: Call) -> Meaning:
    """Another first level."""
    arguments = match(node, ("x", "ref"))
    found = translator.of_kind(arguments.need("x"), Kind.COLUMN)
    first = translator.of_kind(arguments.need("ref"), Kind.TEXT)
    arguments.done()
    code = build.fill(
        "_x.cat.reorder_categories([_r, *_x.cat.categories.drop(_r)])",
        _x=found.code, _r=first.code,
    )  # fmt: skip
    return replace(found, code=code, factor=True)


@rule("levels")
def levels(translator: Translator, node: Call) -> Meaning:
    """The levels of a factor."""
    found = translator.of_kind(node.values[0], Kind.COLUMN)
    return Meaning(build.fill("list(_x.cat.categories)", _x=found.code), Kind.TEXTS)


@rule("nlevels")
def count_levels(translator: Translator, node: Call) -> Meaning:
    """How many levels a factor has."""
    found = translator.of_kind(node.values[0], Kind.COLUMN)
    return Meaning(build.fill("len(_x.cat.categories)", _x=found.code), Kind.NUMBER, length=1)


@rule("unique")
def unique(translator: Translator, node: Call) -> Meaning:
    """What occurs, in the order of its first time."""
    found = translator.expression(node.values[0])
    if found.kind is Kind.FRAME:
        return found.with_code(build.fill("_x.drop_duplicates()", _x=found.code))
    if found.kind is not Kind.COLUMN:
        raise Untranslatable(f"`{deparse(node)}`: what occurs in {found.kind}")
    return Meaning(build.fill("_x.unique()", _x=found.code), Kind.VECTOR)


@rule("scale")
def scale(translator: Translator, node: Call) -> Meaning:
    """Centred, and divided by the standard deviation."""
    arguments = match(node, ("x", "center", "scale"))
    found = translator.of_kind(arguments.need("x"), Kind.COLUMN, Kind.VECTOR)
    centre, divide = arguments.flag("center", True), arguments.flag("scale", True)
    arguments.done()
    if divide and not centre:
        raise Untranslatable("scale() without centring divides by a root mean square")
    view = translator.scope.view()
    if view is not None and view.keys:
        raise Untranslatable("scale() within groups: write x - mean(x)")
    mean, spread = build.fill("_x.mean()", _x=found.code), build.fill("_x.std()", _x=found.code)
    if found.kind is Kind.VECTOR:
        spread = build.fill("_x.std(ddof=1)", _x=found.code)
    code = found.code
    if centre:
        code = build.fill("_x - _m", _x=code, _m=mean)
    if divide:
        code = build.fill("(_x) / _s", _x=code, _s=spread)
    return found.with_code(code)


@rule("ifelse", "if_else")
def either(translator: Translator, node: Call) -> Meaning:
    """One value or another, element by element."""
    arguments = match(node, ("test", "yes", "no"))
    test = translator.numeric(arguments.need("test"))
    remark_conditions(translator, test)
    yes, no = (translator.expression(arguments.need(side)) for side in ("yes", "no"))
    arguments.done()
    if test.kind is Kind.FLAG:
        return Meaning(ast.IfExp(test.code, yes.code, no.code), yes.kind, length=1)
    code = build.fill("np.where(_t, _y, _n)", _t=test.code, _y=yes.code, _n=no.code)
    texts = Kind.TEXT in (yes.kind, no.kind)
    return Meaning(code, Kind.TEXTS if texts else Kind.VECTOR)


@rule("case_when")
def cases(translator: Translator, node: Call) -> Meaning:
    """dplyr's choice among several conditions."""
    conditions, values = [], []
    default = build.fill("np.nan")
    texts = False
    for argument in node.arguments:
        case = argument.value
        if not isinstance(case, Call) or case.name != "~" or len(case.values) != 2:
            raise Untranslatable(f"`{deparse(node)}`: a case is no condition ~ value")
        when, then = (translator.expression(value) for value in case.values)
        texts = texts or then.kind is Kind.TEXT
        if when.kind is Kind.FLAG:
            default = then.code
            break
        conditions.append(when.code)
        values.append(then.code)
    else:
        if texts:
            raise Untranslatable(f"`{deparse(node)}` has no case for what is left: add TRUE ~")
    code = build.call("np.select", build.items(conditions), build.items(values), default=default)
    return Meaning(code, Kind.TEXTS if texts else Kind.VECTOR)


@rule("is.na")
def missing(translator: Translator, node: Call) -> Meaning:
    """Whether values are missing."""
    found = translator.numeric(node.values[0])
    if found.kind in (Kind.COLUMN, Kind.FRAME):
        return found.with_code(build.fill("_x.isna()", _x=found.code))
    kind = Kind.FLAG if found.kind is Kind.NUMBER else found.kind
    return Meaning(build.fill("np.isnan(_x)", _x=found.code), kind, length=found.length)


@rule("as.numeric", "as.double", "as.integer", "as.vector", "c.numeric")
def as_number(translator: Translator, node: Call) -> Meaning:
    """Numbers without names; of a factor, the codes of its levels."""
    found = translator.numeric(node.values[0])
    if found.kind in (Kind.NUMBER, Kind.VECTOR, Kind.FLAG):
        if node.name == "as.integer" and found.kind is Kind.NUMBER:
            return found.with_code(build.fill("int(_x)", _x=found.code))
        return found
    if found.kind in (Kind.TABLE, Kind.FRAME, Kind.MATRIX):
        matrix = found.code
        if found.kind is not Kind.MATRIX:
            matrix = build.fill("_x.to_numpy()", _x=matrix)
        return Meaning(build.fill("_x.ravel(order='F')", _x=matrix), Kind.VECTOR)
    if found.kind is not Kind.COLUMN:
        raise Untranslatable(f"`{deparse(node)}`: numbers of {found.kind}")
    if not found.source or node.name == "as.vector":
        return Meaning(build.fill("_x.to_numpy()", _x=found.code), Kind.VECTOR)
    if found.factor:
        return replace(found, code=build.fill("_x.cat.codes + 1", _x=found.code), factor=False)
    if _came_from_text(node):
        return found.with_code(build.fill("_x.astype(float)", _x=found.code))
    if not isinstance(found.code, ast.Subscript):
        return found
    translator.remark("as.numeric() of a factor would give its codes; here the column is numeric")
    return found.with_code(build.fill("pd.to_numeric(_x)", _x=found.code))


def _came_from_text(node: Call) -> bool:
    inner = node.values[0]
    return isinstance(inner, Call) and inner.name == "as.character"


@rule("as.character")
def as_text(translator: Translator, node: Call) -> Meaning:
    """Texts."""
    found = translator.expression(node.values[0])
    if found.kind is Kind.FORMULA:
        raise Untranslatable("as.character() of a formula takes it apart")
    if found.kind is Kind.NUMBER:
        return Meaning(build.fill("str(_x)", _x=found.code), Kind.TEXT, length=1)
    if found.kind is Kind.COLUMN:
        return replace(found, code=build.fill("_x.astype(str)", _x=found.code), factor=False)
    raise Untranslatable(f"`{deparse(node)}`: texts of {found.kind}")


@rule("cut")
def cut(translator: Translator, node: Call) -> Meaning:
    """Classes of a number; R's own labels of them are not pandas'."""
    arguments = match(node, ("x", "breaks", "labels", "include.lowest", "right"))
    found = translator.of_kind(arguments.need("x"), Kind.COLUMN)
    breaks, labels = translator.code(arguments.need("breaks")), arguments.take("labels")
    if labels is None:
        raise Untranslatable("cut() without `labels`: R writes classes as pandas does not")
    lowest, right = arguments.flag("include.lowest", False), arguments.flag("right", True)
    arguments.done()
    code = build.call(
        "pd.cut", found.code, breaks, labels=translator.code(labels),
        right=None if right else build.constant(False),
        include_lowest=build.constant(True) if lowest else None,
        ordered=build.constant(False),
    )  # fmt: skip
    return replace(found, code=code, factor=True)
