"""Groups of rows: means and counts by group, within a frame or instead of it."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Function, Node, Symbol
from parity.translate.rules.frames import frame_of, titles_of, ungrouped
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

#: Functions that pandas knows by name.
AGGREGATES = {
    "mean": "mean", "median": "median", "sum": "sum", "sd": "std", "var": "var", "min": "min",
    "max": "max", "length": "size", "n": "size", "n_distinct": "nunique", "first": "first",
    "last": "last",
}  # fmt: skip


@rule("group_by")
def group(translator: Translator, node: Call) -> Meaning:
    """dplyr's groups."""
    arguments = match(node, (".data", "..."))
    frame = frame_of(translator, arguments.need(".data"))
    keys = tuple(title for _, value in arguments.rest for title in titles_of(value))
    return replace(frame, kind=Kind.GROUPED, keys=keys)


@rule("ungroup")
def ungroup(translator: Translator, node: Call) -> Meaning:
    """No groups any more."""
    return ungrouped(frame_of(translator, node.values[0]))


@rule("summarise", "summarize")
def summarise(translator: Translator, node: Call) -> Meaning:
    """One row a group."""
    arguments = match(node, (".data", "...", ".groups"))
    frame = frame_of(translator, arguments.need(".data"))
    arguments.take(".groups")
    named: list[ast.keyword] = []
    for title, value in arguments.rest:
        if title is None:
            raise Untranslatable("a column of summarise() has no name")
        column, function = _aggregate(value, frame)
        pair = ast.Tuple([build.constant(column), build.constant(function)])
        named.append(ast.keyword(title, pair))
    titles = frozenset(k.arg for k in named if k.arg) | set(frame.keys)
    if not frame.keys:
        raise Untranslatable("summarise() without groups: use mean() and its like")
    grouped = build.fill(
        "_d.groupby(_k, observed=True, as_index=False)", _d=frame.code, _k=_keys(frame.keys)
    )
    code = ast.Call(ast.Attribute(grouped, "agg"), [], named)
    return Meaning(code, Kind.FRAME, columns=titles)


def _aggregate(value: Node, frame: Meaning) -> tuple[str, str]:
    if isinstance(value, Call) and value.name in AGGREGATES:
        if value.name == "n" and not value.values:
            return frame.keys[0], "size"
        first = value.values[0] if value.values else None
        if isinstance(first, Symbol):
            return first.name, AGGREGATES[value.name]
    raise Untranslatable(f"`{deparse(value)}` of a group is no plain summary of one column")


def _keys(keys: tuple[str, ...]) -> ast.expr:
    return build.constant(keys[0] if len(keys) == 1 else list(keys))


@rule("n")
def count_rows(translator: Translator, node: Call) -> Meaning:  # noqa: ARG001 (as all rules)
    """How many rows the group has."""
    view = translator.scope.view()
    if view is None:
        raise Untranslatable("n() outside of data")
    if not view.keys:
        return Meaning(build.fill("len(_d)", _d=view.code), Kind.NUMBER, length=1)
    first = build.column(view.code, view.keys[0])
    by = [build.column(view.code, key) for key in view.keys]
    code = build.fill(
        "_x.groupby(_by, observed=True).transform('size')",
        _x=first, _by=by[0] if len(by) == 1 else build.items(by),
    )  # fmt: skip
    return Meaning(code, Kind.COLUMN, ast.unparse(view.code))


@rule("count")
def count(translator: Translator, node: Call) -> Meaning:
    """dplyr's count."""
    arguments = match(node, ("x", "..."))
    frame = frame_of(translator, arguments.need("x"))
    keys = tuple(title for _, value in arguments.rest for title in titles_of(value))
    code = build.fill(
        "_d.groupby(_k, observed=True, as_index=False).agg(n=(_f, 'size'))",
        _d=frame.code, _k=_keys(keys), _f=build.constant(keys[0]),
    )  # fmt: skip
    return Meaning(code, Kind.FRAME, columns=frozenset((*keys, "n")))


@rule("aggregate")
def aggregate(translator: Translator, node: Call) -> Meaning:
    """One row a combination of groups, the first group varying fastest, as R sorts them."""
    arguments = match(node, ("x", "data", "FUN", "by", "..."))
    given = arguments.need("x")
    function = _function(arguments.need("FUN"))
    for title, _ in arguments.rest:
        if title != "na.rm":
            raise Untranslatable(f"`{title}` of aggregate() has no translation")
    if not isinstance(given, Call) or given.name != "~":
        raise Untranslatable("aggregate() is translated in its form with a formula")
    frame = frame_of(translator, arguments.need("data"))
    left, right = given.values
    keys = _terms(right)
    values = titles_of(left)
    source = build.fill("_d.dropna(subset=_c)", _d=frame.code, _c=build.constant([*keys, *values]))
    known = frame.columns is not None
    grouped = build.fill(
        "_d.groupby(_k, observed=True, as_index=False)[_v]",
        _d=frame.code if known else source, _k=_keys(tuple(keys[::-1])),
        _v=build.constant(values[0] if len(values) == 1 else values),
    )  # fmt: skip
    # size() would give a column of another name; rows with missing values are out already
    code = build.call(ast.Attribute(grouped, "count" if function == "size" else function))
    if len(keys) > 1:
        code = ast.Subscript(code, build.constant([*keys, *values]))
    return Meaning(code, Kind.FRAME, columns=frozenset((*keys, *values)))


def _terms(node: Node) -> list[str]:
    if isinstance(node, Call) and node.name == "+":
        return [title for value in node.values for title in _terms(value)]
    return titles_of(node)


def _function(node: Node) -> str:
    if isinstance(node, Symbol) and node.name in AGGREGATES:
        return AGGREGATES[node.name]
    raise Untranslatable(f"`{deparse(node)}` is none of pandas' summaries of a group")


@rule("tapply")
def by_group(translator: Translator, node: Call) -> Meaning:
    """A summary of each group, named after the groups."""
    arguments = match(node, ("X", "INDEX", "FUN", "na.rm"))
    values = translator.of_kind(arguments.need("X"), Kind.COLUMN)
    index = translator.of_kind(arguments.need("INDEX"), Kind.COLUMN)
    function = _function(arguments.need("FUN"))
    arguments.done("na.rm")
    grouped = build.fill("_x.groupby(_g, observed=True)", _x=values.code, _g=index.code)
    code = build.call(ast.Attribute(grouped, function))
    return Meaning(code, Kind.COLUMN, ast.unparse(code))


@rule("ave")
def spread(translator: Translator, node: Call) -> Meaning:
    """A summary of each group, at each of its rows."""
    arguments = match(node, ("x", "...", "FUN"))
    values = translator.of_kind(arguments.need("x"), Kind.COLUMN)
    keys = [translator.of_kind(value, Kind.COLUMN).code for _, value in arguments.rest]
    given = arguments.take("FUN")
    by = keys[0] if len(keys) == 1 else build.items(keys)
    if isinstance(given, Function):
        function = translator.function(given)
        parameter = given.parameters[0].name or ""
        _as_column(function, parameter)
        how = _series_function(translator, given)
    else:
        how = build.constant("mean" if given is None else _function(given))
    code = build.fill("_x.groupby(_g, observed=True).transform(_f)", _x=values.code, _g=by, _f=how)
    return Meaning(code, Kind.COLUMN, values.source)


def _as_column(function: Meaning, parameter: str) -> None:
    if not parameter or function.kind is not Kind.FUNCTION:
        raise Untranslatable("the function of a group has no parameter")


def _series_function(translator: Translator, given: Function) -> ast.expr:
    """A function of one group's values, which pandas gives as a column."""
    inner = translator.inner(given)
    title = given.parameters[0].name or ""
    held = inner.scope.known[title]
    inner.scope.known[title] = replace(held, kind=Kind.COLUMN, source="one group")
    found = inner.numeric(given.body)
    return ast.Lambda(inner.parameters(given), found.code)


@rule("table")
def table(translator: Translator, node: Call) -> Meaning:
    """Counts by level."""
    found = [translator.of_kind(value, Kind.COLUMN, Kind.FRAME) for value in node.values]
    if len(found) == 1 and found[0].kind is Kind.COLUMN:
        code = build.fill("_x.value_counts().sort_index()", _x=found[0].code)
        return Meaning(code, Kind.COLUMN, ast.unparse(code))
    if len(found) == 2:
        code = build.call("pd.crosstab", found[0].code, found[1].code)
        return Meaning(code, Kind.TABLE)
    raise Untranslatable(f"`{deparse(node)}`: one or two columns are counted")


@rule("sample_frac", "sample_n", "slice_sample")
def sample_rows(translator: Translator, node: Call) -> Meaning:
    """Rows drawn without replacement, in every group if there are groups."""
    arguments = match(
        node,
        (".data", "...", "size", "n", "prop", "replace")
        if node.name == "slice_sample"
        else ("tbl", "size", "replace"),
    )
    frame = frame_of(translator, arguments.need(".data" if node.name == "slice_sample" else "tbl"))
    size = arguments.take("size")
    share = arguments.take("prop") or (size if node.name == "sample_frac" else None)
    fixed = arguments.take("n") or (size if node.name == "sample_n" else None)
    again = arguments.flag("replace", False)
    arguments.done()
    wanted = share or fixed
    if wanted is None:
        raise Untranslatable(f"{node.name}() does not say how many rows")
    number = translator.code(wanted)
    rng = translator.rng()
    if not isinstance(frame.code, ast.Name):
        held = translator.fresh("rows")
        translator.lines_before(f"{held} = ", frame.code)
        frame = frame.with_code(build.name(held))
    each = translator.fresh("part")
    part = build.name(each) if frame.keys else frame.code
    count = number
    if share is not None:
        exact = "int" if node.name == "slice_sample" else "round"
        count = build.fill(f"{exact}(len(_p) * _s)", _p=part, _s=number)
    drawn = build.call(
        ast.Attribute(rng, "sample_index"), build.fill("len(_p)", _p=part), count,
        replace=build.constant(True) if again else None,
    )  # fmt: skip
    rows = build.fill("_p.iloc[_r]", _p=part, _r=drawn)
    if not frame.keys:
        return frame.with_code(rows)
    groups = build.fill("_d.groupby(_k, observed=True)", _d=frame.code, _k=_keys(frame.keys))
    loop = ast.comprehension(ast.Tuple([ast.Name("_"), ast.Name(each)]), groups, [], 0)
    generator = ast.GeneratorExp(rows, [loop])
    return frame.with_code(build.call("pd.concat", generator))
