"""Functions of every element: roots and logarithms, logits, distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call
from parity.translate.rules.table import RULES, rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


#: Functions of every element: pattern by R name.
ELEMENTWISE = {
    "sqrt": "np.sqrt(_x)", "exp": "np.exp(_x)", "log2": "np.log2(_x)", "log10": "np.log10(_x)",
    "log1p": "np.log1p(_x)", "expm1": "np.expm1(_x)", "abs": "np.abs(_x)",
    "floor": "np.floor(_x)", "ceiling": "np.ceil(_x)", "sin": "np.sin(_x)", "cos": "np.cos(_x)",
    "tan": "np.tan(_x)", "sign": "np.sign(_x)", "atanh": "np.arctanh(_x)", "tanh": "np.tanh(_x)",
    "gamma": "special.gamma(_x)", "lgamma": "special.gammaln(_x)", "cumsum": "np.cumsum(_x)",
    "is.nan": "np.isnan(_x)", "is.finite": "np.isfinite(_x)",
}  # fmt: skip


_DISTRIBUTIONS = {
    "pnorm": "stats.norm.cdf", "qnorm": "stats.norm.ppf", "dnorm": "stats.norm.pdf",
    "pchisq": "stats.chi2.cdf", "qchisq": "stats.chi2.ppf", "pt": "stats.t.cdf",
    "qt": "stats.t.ppf", "pf": "stats.f.cdf", "qf": "stats.f.ppf",
}  # fmt: skip


def _elementwise(translator: Translator, node: Call) -> Meaning:
    arguments = match(node, ("x",))
    found = translator.numeric(arguments.need("x"))
    if found.kind not in NUMERIC:
        raise Untranslatable(f"`{deparse(node)}`: {found.kind} is not numeric")
    return found.with_code(build.fill(ELEMENTWISE[node.name], _x=found.code))


for _name in ELEMENTWISE:
    RULES[_name] = _elementwise


@rule("log")
def logarithm(translator: Translator, node: Call) -> Meaning:
    """The natural logarithm, or that to a base."""
    arguments = match(node, ("x", "base"))
    found = translator.numeric(arguments.need("x"))
    base = arguments.take("base")
    code = build.fill("np.log(_x)", _x=found.code)
    if base is not None:
        code = build.fill("_l / np.log(_b)", _l=code, _b=translator.code(base))
    return found.with_code(code)


@rule("qlogis", "plogis")
def logistic(translator: Translator, node: Call) -> Meaning:
    """The logit and its inverse."""
    arguments = match(node, ("x", "location", "scale"))
    found = translator.numeric(arguments.need("x"))
    arguments.done()
    function = "special.logit(_x)" if node.name == "qlogis" else "special.expit(_x)"
    return found.with_code(build.fill(function, _x=found.code))


def _distribution(translator: Translator, node: Call) -> Meaning:
    arguments = match(node, ("q", "...", "lower.tail", "mean", "sd", "df"))
    first = arguments.given.pop("q", None)
    if first is None and arguments.rest:
        title, first = arguments.rest.pop(0)
        if title not in (None, "p", "x"):
            raise Untranslatable(f"`{title}` of {node.name}() has no translation")
    if first is None:
        raise Untranslatable(f"{node.name}() is called without a value")
    found = translator.numeric(first)
    lower = arguments.flag("lower.tail", True)
    more = [translator.code(value) for title, value in arguments.rest if title is None]
    named = [(title, value) for title, value in arguments.rest if title is not None]
    loc, scale, df = arguments.take("mean"), arguments.take("sd"), arguments.take("df")
    more += [translator.code(value) for value in (df,) if value is not None]
    if named:
        raise Untranslatable(f"`{named[0][0]}` of {node.name}() has no translation")
    function = _DISTRIBUTIONS[node.name]
    if not lower:
        function = function.replace(".cdf", ".sf").replace(".ppf", ".isf")
    code = build.call(
        function, found.code, *more,
        loc=None if loc is None else translator.code(loc),
        scale=None if scale is None else translator.code(scale),
    )  # fmt: skip
    return Meaning(
        code, Kind.NUMBER if found.kind is Kind.NUMBER else Kind.VECTOR, length=found.length
    )


for _name in _DISTRIBUTIONS:
    RULES[_name] = _distribution
