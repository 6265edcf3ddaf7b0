"""Pictures: of bootstraps, fits, random effects, profiles and columns, as lines of Matplotlib."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from parity.translate.meaning.arguments import Arguments, match
from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Node
from parity.translate.rules.indexing import from_zero
from parity.translate.writing import build
from parity.translate.writing.layout import lines

if TYPE_CHECKING:
    from parity.translate.translator import Translator

Picture: TypeAlias = "Callable[[Translator, Call], list[str]]"

PICTURES: dict[str, Picture] = {}
# What only decorates, and may be left out without a word.
_LOOKS = ("col", "pch", "cex", "lwd", "lty", "las", "bty", "breaks", "freq", "border", "nclass",
          "xlim", "ylim", "mar", "ask", "strip", "scales", "layout", "type")  # fmt: skip


def picture(*names: str) -> Callable[[Picture], Picture]:
    """Register what draws a picture."""

    def register(function: Picture) -> Picture:
        for name in names:
            PICTURES[name] = function
        return function

    return register


def _titles(translator: Translator, arguments: Arguments, axes: str = "ax") -> list[str]:
    """Title and labels of the axes."""
    found = []
    for title, method in (("main", "set_title"), ("xlab", "set_xlabel"), ("ylab", "set_ylabel")):
        value = arguments.take(title)
        if value is not None:
            found += lines(f"{axes}.{method}(", translator.code(value), ")")
    for title in _LOOKS:
        arguments.given.pop(title, None)
    return found


@picture("plot", "autoplot", "dotplot", "caterpillar", "xyplot", "qqmath")
def plot(translator: Translator, node: Call) -> list[str]:
    """Whatever R plots by its class."""
    arguments = match(node, ("x", "y", "index", "main", "xlab", "ylab", *_LOOKS))
    first = arguments.need("x")
    found = translator.expression(first)
    if found.kind is Kind.BOOT:
        return _of_bootstrap(translator, found, arguments)
    if found.kind is Kind.EFFECTS:
        return _of_effects(translator, found, arguments)
    if found.kind is Kind.FIT:
        return _of_fit(found, arguments)
    if found.kind is Kind.PROFILE:
        return _of_profile(translator, found, arguments)
    other = arguments.take("y")
    if found.kind in NUMERIC and other is not None:
        kind = arguments.given.pop("type", None)
        method = (
            "plot" if kind is not None and "l" in str(getattr(kind, "value", "")) else "scatter"
        )
        return _of_two(translator, found, other, method, arguments)
    raise Untranslatable(f"`{deparse(node)}` draws {found.kind}")


def _of_bootstrap(translator: Translator, found: Meaning, arguments: Arguments) -> list[str]:
    index = arguments.take("index")
    place = None if index is None else from_zero(translator.code(index))
    if isinstance(place, ast.Constant) and place.value == 0:
        place = None
    _titles(translator, arguments)
    arguments.done()
    return lines("", build.call(ast.Attribute(found.code, "plot"), index=place))


def _of_effects(translator: Translator, found: Meaning, arguments: Arguments) -> list[str]:
    _without_looks(arguments)
    source = found.code
    called = isinstance(source, ast.Call) and isinstance(source.func, ast.Attribute)
    if not called or source.func.attr != "ranef":  # type: ignore[attr-defined]
        raise Untranslatable("random effects are drawn from their fit: write dotplot(ranef(fit))")
    translator.remark("the first random effect is drawn; `factor` and `effect` choose another")
    return lines("", build.call("bm.plotting.caterpillar", source.func.value))  # type: ignore[attr-defined]


def _of_fit(found: Meaning, arguments: Arguments) -> list[str]:
    _without_looks(arguments)
    return lines("", build.call("bm.plotting.residuals_fitted", found.code))


def _of_profile(translator: Translator, found: Meaning, arguments: Arguments) -> list[str]:
    _without_looks(arguments)
    translator.remark("the first parameter is drawn; `parm` chooses another")
    return lines("", build.call("bm.plotting.profile_zeta", found.code))


def _without_looks(arguments: Arguments) -> None:
    for title in ("main", "xlab", "ylab", *_LOOKS):
        arguments.given.pop(title, None)
    arguments.done()


def _of_two(
    translator: Translator, found: Meaning, other: Node, method: str, arguments: Arguments
) -> list[str]:
    second = translator.numeric(other)
    extra = _titles(translator, arguments)
    arguments.done("index")
    drawn = build.call(f"ax.{method}", translator.as_numeric(found).code, second.code)
    return ["fig, ax = plt.subplots()", *lines("", drawn), *extra]


@picture("hist", "boxplot")
def histogram(translator: Translator, node: Call) -> list[str]:
    """A histogram; its bars may be cut otherwise than R's."""
    arguments = match(node, ("x", "main", "xlab", "ylab", *_LOOKS))
    found = translator.numeric(arguments.need("x"))
    if found.kind not in NUMERIC:
        raise Untranslatable(f"`{deparse(node)}` draws {found.kind}")
    extra = _titles(translator, arguments)
    arguments.done()
    method = build.call(f"ax.{node.name}", found.code)
    return ["fig, ax = plt.subplots()", *lines("", method), *extra]


@picture("qqnorm")
def quantiles(translator: Translator, node: Call) -> list[str]:
    """Quantiles against the normal's."""
    arguments = match(node, ("y", "main", "xlab", "ylab", *_LOOKS))
    found = translator.numeric(arguments.need("y"))
    extra = _titles(translator, arguments)
    arguments.done()
    return [
        "fig, ax = plt.subplots()",
        *lines("", build.call("stats.probplot", found.code, plot=build.name("ax"))),
        *extra,
    ]
