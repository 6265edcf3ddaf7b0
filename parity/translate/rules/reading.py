"""Data frames from files, from columns, from other results."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


_READERS = {
    "read.csv": "pd.read_csv", "read_csv": "pd.read_csv", "read.delim": "pd.read_csv",
    "read_tsv": "pd.read_csv", "read_dta": "pd.read_stata", "read.dta": "pd.read_stata",
    "read_sav": "pd.read_spss", "read_excel": "pd.read_excel", "read_parquet": "pd.read_parquet",
    "readRDS": "", "read_rds": "",
}  # fmt: skip


@rule(*_READERS)
def read(translator: Translator, node: Call) -> Meaning:
    """A file of data."""
    arguments = match(
        node,
        ("file", "header", "sep", "stringsAsFactors", "na.strings", "col_types", "show_col_types"),
    )
    path = translator.of_kind(arguments.need("file"), Kind.TEXT).code
    if node.name in ("readRDS", "read_rds"):
        arguments.done()
        translator.remark("an RDS file may hold anything; here it must hold a data frame")
        return Meaning(build.fill("rdata.read_rds(_p)", _p=path), Kind.FRAME)
    separator: ast.expr | None = None
    if node.name in ("read.delim", "read_tsv"):
        separator = build.constant("\t")
    if (given := arguments.text("sep")) is not None:
        separator = None if given == "," else build.constant(given)
    header = None if arguments.flag("header", True) else build.constant(None)
    if arguments.flag("stringsAsFactors", False):
        translator.remark("text columns stay text here: models take them for factors all the same")
    missing = arguments.take("na.strings")
    arguments.done("col_types", "show_col_types")
    if separator is not None and node.name in ("read_dta", "read_sav"):
        raise Untranslatable(f"{node.name}() has no `sep`")
    codes = "dta" in node.name  # values with labels stay numbers, as in R
    code = build.call(
        _READERS[node.name], path, sep=separator, header=header,
        convert_categoricals=build.constant(False) if codes else None,
        na_values=None if missing is None else translator.code(missing),
    )  # fmt: skip
    return Meaning(code, Kind.FRAME)


@rule("data.frame", "tibble")
def make(translator: Translator, node: Call) -> Meaning:
    """A data frame from columns."""
    keys: list[ast.expr | None] = []
    values: list[ast.expr] = []
    titles: set[str] = set()
    scalars = True
    for argument in node.arguments:
        if argument.name == "stringsAsFactors":
            continue
        if argument.name is None or argument.value is None:
            raise Untranslatable("a column of data.frame() has no name")
        found = translator.expression(argument.value)
        if found.kind in (Kind.FRAME, Kind.LIST, Kind.TABLE):
            raise Untranslatable(f"`{argument.name}` of data.frame() is {found.kind}")
        keys.append(build.constant(argument.name))
        values.append(_bare(found))
        scalars = scalars and found.kind in (Kind.NUMBER, Kind.TEXT, Kind.FLAG)
        titles.add(argument.name)
    if scalars:  # pandas wants a list where there is no vector to tell how many rows
        values = [build.items([value]) for value in values]
    code = build.fill("pd.DataFrame(_x)", _x=ast.Dict(keys, values))
    return Meaning(code, Kind.FRAME, columns=frozenset(titles))


def _bare(found: Meaning) -> ast.expr:
    """Values without labels of rows, which pandas would align."""
    if found.kind is Kind.COLUMN and found.source:
        return build.fill("_x.to_numpy()", _x=found.code)
    return found.code


@rule("expand.grid")
def grid(translator: Translator, node: Call) -> Meaning:
    """All combinations; the first column varies fastest, as in R."""
    keys, values, texts = [], [], {}
    for argument in node.arguments:
        if argument.name is None or argument.value is None:
            raise Untranslatable("a column of expand.grid() has no name")
        found = translator.expression(argument.value)
        keys.append(argument.name)
        values.append(found.code)
        if found.kind is Kind.TEXTS:  # R makes a factor of it, its levels in the order given
            texts[argument.name] = found.code
    product = build.call("pd.MultiIndex.from_product", build.items(values[::-1]),
                         names=build.constant(keys[::-1]))  # fmt: skip
    code = build.fill("_p.to_frame(index=False)[_k]", _p=product, _k=build.constant(keys))
    if texts:
        types = [build.call("pd.CategoricalDtype", levels) for levels in texts.values()]
        by_column = ast.Dict([build.constant(title) for title in texts], types)
        code = build.call(ast.Attribute(code, "astype"), by_column)
    return Meaning(code, Kind.FRAME, columns=frozenset(keys))


@rule("as.data.frame", "as_tibble", "as.tibble")
def as_frame(translator: Translator, node: Call) -> Meaning:
    """A data frame from something else."""
    arguments = match(node, ("x", "order", "row.names"))
    found = translator.expression(arguments.need("x"))
    order_by = arguments.text("order")
    arguments.done()
    if found.kind is Kind.VARCORR:
        by = None if order_by in (None, "cov.last") else build.constant(order_by)
        code = build.call(ast.Attribute(found.code, "to_frame"), order=by)
        titles = frozenset(("grp", "var1", "var2", "vcov", "sdcor"))
        return Meaning(code, Kind.FRAME, columns=titles)
    if found.kind in (Kind.EFFECTS, Kind.TESTS):
        return Meaning(build.fill("_x.to_frame()", _x=found.code), Kind.FRAME)
    if found.kind is Kind.PROFILE:
        return Meaning(build.fill("_x.frame", _x=found.code), Kind.FRAME)
    if found.kind in (Kind.FRAME, Kind.TABLE):
        return replace(found, kind=Kind.FRAME)
    if found.kind is Kind.MATRIX:
        return Meaning(build.fill("pd.DataFrame(_x)", _x=found.code), Kind.FRAME)
    raise Untranslatable(f"`{deparse(node)}`: a data frame of {found.kind}")
