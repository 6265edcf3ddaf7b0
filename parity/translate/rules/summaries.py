"""Functions of all elements: means, sums, quantiles, covariances."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call
from parity.translate.rules.missing import may_miss
from parity.translate.rules.table import RULES, rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


#: Functions of all elements: method of a column (None if there is none), and pattern for others.
SUMMARIES: dict[str, tuple[str | None, str]] = {
    "mean": ("mean", "np.mean(_x)"), "median": ("median", "np.median(_x)"),
    "sum": ("sum", "np.sum(_x)"), "sd": ("std", "np.std(_x, ddof=1)"),
    "var": ("var", "np.var(_x, ddof=1)"), "min": ("min", "np.min(_x)"),
    "max": ("max", "np.max(_x)"), "prod": ("prod", "np.prod(_x)"),
    "any": ("any", "np.any(_x)"), "all": ("all", "np.all(_x)"),
}  # fmt: skip


def _summary(translator: Translator, node: Call) -> Meaning:
    if (
        node.name in ("min", "max", "sum")
        and len(node.values) > 1
        and not any(argument.name for argument in node.arguments)
    ):
        codes = [translator.numeric(value) for value in node.values]
        if all(one.kind is Kind.NUMBER for one in codes) and node.name != "sum":
            return Meaning(build.call(node.name, *(one.code for one in codes)), Kind.NUMBER)
        raise Untranslatable(f"{node.name}() of several vectors")
    arguments = match(node, ("x", "na.rm"))
    found = translator.numeric(arguments.need("x"))
    leave_out = arguments.flag("na.rm", False)
    arguments.done()
    if node.name in ("var", "sd") and found.kind in (Kind.TABLE, Kind.MATRIX, Kind.FRAME):
        if node.name == "var":
            return RULES["cov"](translator, Call(node.function, node.arguments, node.at))
        # R's sd() takes a matrix for one long vector.
        return Meaning(build.fill("np.std(_x, ddof=1)", _x=found.code), Kind.NUMBER, length=1)
    if found.kind not in NUMERIC:
        raise Untranslatable(f"`{deparse(node)}`: {found.kind} is not numeric")
    method, pattern = SUMMARIES[node.name]
    view = translator.scope.view()
    if found.kind is Kind.COLUMN and method is not None:
        if view is not None and view.keys:
            return _within_groups(found, view.code, view.keys, method)
        code = build.call(ast.Attribute(found.code, method))
        if not leave_out and may_miss(translator, found):
            translator.remark(
                "summaries of a column with missing values are NA in R; pandas leaves these out",
                once=True,
            )
    else:
        shown = pattern.replace("np.", "np.nan", 1) if leave_out else pattern
        code = build.fill(shown, _x=found.code)
    return Meaning(code, Kind.NUMBER, length=1)


def _within_groups(found: Meaning, frame: ast.expr, keys: tuple[str, ...], method: str) -> Meaning:
    by = [build.column(frame, key) for key in keys]
    code = build.fill(
        "_x.groupby(_by, observed=True).transform(_m)",
        _x=found.code, _by=by[0] if len(by) == 1 else build.items(by), _m=build.constant(method),
    )  # fmt: skip
    return Meaning(code, Kind.COLUMN, found.source)


for _name in SUMMARIES:
    RULES[_name] = _summary


@rule("quantile")
def quantile(translator: Translator, node: Call) -> Meaning:
    """Quantiles, R's type 7, which is NumPy's."""
    arguments = match(node, ("x", "probs", "na.rm", "names", "type"))
    found = translator.numeric(arguments.need("x"))
    probabilities = arguments.take("probs")
    levels = build.constant([0, 0.25, 0.5, 0.75, 1])
    length: int | None = 5
    if probabilities is not None:
        asked = translator.expression(probabilities)
        levels, length = asked.code, asked.length
    function = "np.nanquantile" if arguments.flag("na.rm", False) else "np.quantile"
    arguments.done("names")
    kind = Kind.NUMBER if length == 1 else Kind.VECTOR
    return Meaning(build.call(function, found.code, levels), kind, length=length)


@rule("range")
def value_range(translator: Translator, node: Call) -> Meaning:
    """The least and the greatest."""
    arguments = match(node, ("x", "na.rm"))
    found = translator.numeric(arguments.need("x"))
    arguments.done("na.rm")
    code = build.fill("np.array([np.min(_x), np.max(_x)])", _x=found.code)
    return Meaning(code, Kind.VECTOR, length=2)


@rule("cor", "cov")
def covariance(translator: Translator, node: Call) -> Meaning:
    """Covariances and correlations."""
    arguments = match(node, ("x", "y", "use", "method"))
    found = translator.numeric(arguments.need("x"))
    other = arguments.take("y")
    use = arguments.text("use", "everything")
    if (arguments.text("method", "pearson")) != "pearson":
        raise Untranslatable(f"`{deparse(node)}`: only Pearson's")
    method = "cov" if node.name == "cov" else "corr"
    if other is not None:
        second = translator.numeric(other)
        matrix = "np.cov(_x, _y)[0, 1]" if method == "cov" else "np.corrcoef(_x, _y)[0, 1]"
        return Meaning(build.fill(matrix, _x=found.code, _y=second.code), Kind.NUMBER, length=1)
    if found.kind is Kind.VECTOR:
        raise Untranslatable(f"`{deparse(node)}` of one vector")
    complete = use in ("complete.obs", "na.or.complete")
    frame = found.code if found.kind in (Kind.TABLE, Kind.FRAME) else build.call(
        "pd.DataFrame", found.code
    )  # fmt: skip
    if complete:
        frame = build.fill("_x.dropna()", _x=frame)
    return Meaning(build.call(ast.Attribute(frame, method)), Kind.TABLE)
