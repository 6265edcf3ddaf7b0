"""Random numbers: R's draws, from the one stream that flows through the script."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant
from parity.translate.rules.table import RULES, rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

_DEVIATES = {
    "rnorm": ("n", "mean", "sd"), "runif": ("n", "min", "max"), "rexp": ("n", "rate"),
    "rgamma": ("n", "shape", "rate", "scale"), "rchisq": ("n", "df"),
    "rbinom": ("n", "size", "prob"),
}  # fmt: skip


def stream(translator: Translator, node: Call) -> ast.expr:
    """The stream that set.seed() begins."""
    arguments = match(node, ("seed", "kind", "normal.kind", "sample.kind"))
    seed = translator.of_kind(arguments.need("seed"), Kind.NUMBER)
    kinds = {
        title.replace(".", "_"): build.constant(given)
        for title in ("kind", "normal.kind", "sample.kind")
        if (given := arguments.text(title)) is not None
    }
    return build.call("bm.RStream", seed.code, **kinds)


@rule("sample", "sample.int")
def sample(translator: Translator, node: Call) -> Meaning:
    """Elements or numbers drawn."""
    arguments = match(node, ("x", "size", "replace", "prob"))
    first = arguments.given.get("x")
    found = translator.numeric(arguments.need("x"))
    size, weights = arguments.take("size"), arguments.take("prob")
    again = arguments.flag("replace", False)
    arguments.done()
    options: dict[str, ast.expr | None] = {
        "replace": build.constant(True) if again else None,
        "prob": None if weights is None else translator.code(weights),
    }
    count = [] if size is None else [translator.code(size)]
    length = None
    if count and isinstance(count[0], ast.Constant) and isinstance(count[0].value, int):
        length = count[0].value
    rng = translator.rng()
    if found.kind is Kind.NUMBER or node.name == "sample.int":
        counted = isinstance(first, Constant) or (
            isinstance(first, Call) and first.name in ("nrow", "length", "NROW", "nlevels", "ncol")
        )
        if not counted and node.name == "sample":
            raise Untranslatable(
                f"`{deparse(node)}`: of one number R draws from 1 to it; use sample.int()"
            )
        method = ast.Attribute(rng, "sample_int")
        if isinstance(first, Call) and first.name in ("nrow", "NROW"):
            # Numbers of rows are used to take rows, which Python counts from 0.
            code = build.call(ast.Attribute(rng, "sample_index"), found.code, *count, **options)
            return Meaning(code, Kind.ROWS, length=length)
        return Meaning(
            build.call(method, found.code, *count, **options), Kind.VECTOR, length=length
        )
    if found.kind not in (Kind.VECTOR, Kind.COLUMN, Kind.TEXTS):
        raise Untranslatable(f"`{deparse(node)}` draws from {found.kind}")
    code = build.call(ast.Attribute(rng, "sample"), found.code, *count, **options)
    return Meaning(code, Kind.TEXTS if found.kind is Kind.TEXTS else Kind.VECTOR, length=length)


def _deviates(translator: Translator, node: Call) -> Meaning:
    parameters = _DEVIATES[node.name]
    arguments = match(node, parameters)
    count = arguments.need("n")
    found = translator.numeric(count)
    if found.kind is not Kind.NUMBER:
        raise Untranslatable(f"`{deparse(node)}`: how many is not one number")
    options = {
        title: translator.code(value)
        for title in parameters[1:]
        if (value := arguments.take(title)) is not None
    }
    arguments.done()
    length = None
    if isinstance(found.code, ast.Constant) and isinstance(found.code.value, int):
        length = found.code.value
    code = build.call(ast.Attribute(translator.rng(), node.name), found.code, **options)
    if length == 1:
        return Meaning(ast.Subscript(code, build.number(0)), Kind.NUMBER, length=1)
    return Meaning(code, Kind.VECTOR, length=length)


for _name in _DEVIATES:
    RULES[_name] = _deviates
