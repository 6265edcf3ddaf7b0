"""Two data frames or vectors put together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

from parity.translate.rules.frames import frame_of

MERGED = "R's merge() leaves the order of rows with the same key open"


@rule("merge", "left_join", "inner_join")
def join(translator: Translator, node: Call) -> Meaning:
    """Two frames by their keys."""
    arguments = match(node, ("x", "y", "by", "all", "all.x"))
    left, right = (frame_of(translator, arguments.need(side)) for side in ("x", "y"))
    keys = arguments.take("by")
    if keys is None:
        raise Untranslatable(f"{node.name}() without `by` depends on which columns there are")
    by = translator.of_kind(keys, Kind.TEXT, Kind.TEXTS).code
    whole, whole_left = arguments.flag("all", False), arguments.flag("all.x", False)
    arguments.done()
    how = {"left_join": "left", "inner_join": None}.get(node.name)
    if node.name == "merge":
        how = "outer" if whole else "left" if whole_left else None
    code = build.call(
        ast.Attribute(left.code, "merge"), right.code, on=by,
        how=None if how is None else build.constant(how),
        suffixes=build.constant((".x", ".y")),
    )  # fmt: skip
    if node.name == "merge":
        translator.remark(MERGED)
        code = build.call(
            ast.Attribute(code, "sort_values"), by, kind=build.constant("stable"),
            ignore_index=build.constant(True),
        )  # fmt: skip
    return Meaning(code, Kind.FRAME)


@rule("rbind", "bind_rows")
def stack(translator: Translator, node: Call) -> Meaning:
    """Frames one below the other."""
    found = [translator.expression(value) for value in node.values]
    if all(one.kind is Kind.FRAME for one in found):
        code = build.call("pd.concat", build.items([one.code for one in found]),
                          ignore_index=build.constant(True))  # fmt: skip
        return Meaning(code, Kind.FRAME, columns=found[0].columns)
    return _bound(translator, node, found, "np.vstack")


@rule("cbind")
def beside(translator: Translator, node: Call) -> Meaning:
    """Vectors side by side."""
    found = [translator.numeric(value) for value in node.values]
    titles = [argument.name for argument in node.arguments]
    if all(titles) and all(one.kind in (Kind.VECTOR, Kind.COLUMN) for one in found):
        pairs = ast.Dict([build.constant(t) for t in titles], [one.code for one in found])
        return Meaning(build.fill("pd.DataFrame(_x)", _x=pairs), Kind.TABLE)
    return _bound(translator, node, found, "np.column_stack")


def _bound(translator: Translator, node: Call, found: list[Meaning], function: str) -> Meaning:
    numeric = [translator.as_numeric(one) for one in found]
    if any(one.kind not in (Kind.VECTOR, Kind.MATRIX, Kind.COLUMN) for one in numeric):
        raise Untranslatable(f"`{deparse(node)}` puts together what are not vectors")
    parts = build.items([one.code for one in numeric])
    return Meaning(build.call(function, parts), Kind.MATRIX)
