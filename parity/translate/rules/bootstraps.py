"""Bootstraps and influence values, their statistics, and intervals made of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Function, Node, Symbol
from parity.translate.rules.elements import ELEMENTWISE
from parity.translate.rules.fit_methods import seeded
from parity.translate.rules.indexing import from_zero
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

_READY = {"fixef": "fixef", "sigma": "sigma", "fixed.effects": "fixef"}


@rule("bootstrap_mer")
def bootstrap(translator: Translator, node: Call) -> Meaning:
    """bootmlm's bootstrap."""
    names = ("x", "FUN", "nsim", "seed", "type", "corrected_trans", "lv1_resample", "reb_scale",
             ".progress", "verbose")  # fmt: skip
    arguments = match(node, names)
    fit = translator.fit(arguments.need("x"))
    statistic, length = _statistic(translator, arguments.need("FUN"))
    count, seed = arguments.take("nsim"), arguments.take("seed")
    kind = arguments.text("type")
    options = {
        name: build.constant(True) if arguments.flag(name, False) else None
        for name in ("corrected_trans", "lv1_resample", "reb_scale")
    }
    arguments.done(".progress", "verbose")
    rng = seeded(translator, seed)
    code = build.call(
        "bm.bootstrap_mer", fit, statistic,
        nsim=None if count is None else translator.code(count),
        type=None if kind is None else build.constant(kind), **options, rng=rng,
    )  # fmt: skip
    return Meaning(code, Kind.BOOT, length=length)


@rule("bootMer")
def boot_mer(translator: Translator, node: Call) -> Meaning:
    """lme4's bootstrap: the parametric one."""
    names = ("x", "FUN", "nsim", "seed", "use.u", "re.form", "type", "verbose", ".progress",
             "PBargs", "parallel", "ncpus", "cl")  # fmt: skip
    arguments = match(node, names)
    fit = translator.fit(arguments.need("x"))
    statistic, length = _statistic(translator, arguments.need("FUN"))
    count, seed = arguments.take("nsim"), arguments.take("seed")
    if arguments.flag("use.u", False):
        raise Untranslatable(
            "bootMer() with `use.u = TRUE` keeps the random effects: not in bootmlm"
        )
    if arguments.text("type", "parametric") != "parametric":
        raise Untranslatable('bootMer() is translated for `type = "parametric"` only')
    if arguments.take("re.form") is not None:
        raise Untranslatable("`re.form` of bootMer() has no translation")
    parallel = arguments.text("parallel", "no")
    if parallel not in ("no", None):
        translator.remark(
            "R's parallel workers draw other numbers than one R does; these are one's"
        )
    arguments.done("verbose", ".progress", "PBargs", "ncpus", "cl")
    rng = seeded(translator, seed)
    code = build.call(
        "bm.bootstrap_mer", fit, statistic,
        nsim=None if count is None else translator.code(count),
        type=build.constant("parametric"), rng=rng,
    )  # fmt: skip
    return Meaning(code, Kind.BOOT, length=length)


def _statistic(translator: Translator, node: Node) -> tuple[ast.expr, int | None]:
    """A statistic of a fit: a function of the script, one of lme4's, or one without a name."""
    if isinstance(node, Symbol) and translator.scope.find(node.name) is None:
        lost = translator.scope.lost_at(node.name)
        if lost is None and node.name in _READY:
            return build.constant(_READY[node.name]), 1 if node.name == "sigma" else None
    if isinstance(node, Function) and len(node.parameters) == 1:
        inner = translator.inner(node)
        title = node.parameters[0].name or ""
        inner.scope.define(title, Meaning(build.name("_"), Kind.FIT))
    found = translator.expression(node)
    if found.kind is not Kind.FUNCTION:
        raise Untranslatable(f"the statistic `{deparse(node)}` is {found.kind}, not a function")
    return found.code, found.length


@rule("empinf_mer")
def influence(translator: Translator, node: Call) -> Meaning:
    """Influence values of one element of a statistic."""
    arguments = match(node, ("x", "FUN", "index"))
    fit = translator.fit(arguments.need("x"))
    statistic, _ = _statistic(translator, arguments.need("FUN"))
    index = arguments.take("index")
    place = None if index is None else from_zero(translator.code(index))
    if isinstance(place, ast.Constant) and place.value == 0:
        place = None
    code = build.call("bm.empinf_mer", fit, statistic, index=place)
    return Meaning(code, Kind.VECTOR)


@rule("empinf_merm")
def influences(translator: Translator, node: Call) -> Meaning:
    """Influence values of a whole statistic."""
    arguments = match(node, ("x", "FUN"))
    fit = translator.fit(arguments.need("x"))
    statistic, _ = _statistic(translator, arguments.need("FUN"))
    return Meaning(build.call("bm.empinf_merm", fit, statistic), Kind.TABLE)


@rule("boot.ci")
def boot_ci(translator: Translator, node: Call) -> Meaning:
    """Intervals of one statistic."""
    names = ("boot.out", "conf", "type", "index", "var.t0", "var.t", "t0", "t", "L", "h", "hdot",
             "hinv")  # fmt: skip
    arguments = match(node, names)
    boot = translator.of_kind(arguments.need("boot.out"), Kind.BOOT)
    conf, kinds = arguments.take("conf"), arguments.take("type")
    index = _index(translator, arguments.take("index"), boot)
    values = {
        title.replace(".", "_"): translator.code(value)
        for title in ("var.t0", "var.t", "t0", "t", "L")
        if (value := arguments.take(title)) is not None
    }
    functions = {
        title: _transformation(translator, value)
        for title in ("h", "hdot", "hinv")
        if (value := arguments.take(title)) is not None
    }
    arguments.done()
    code = build.call(
        "bm.boot_ci", boot.code, index=index,
        conf=None if conf is None else translator.code(conf),
        type=None if kinds is None else translator.code(kinds), **values, **functions,
    )  # fmt: skip
    return Meaning(code, Kind.INTERVALS)


def _index(translator: Translator, node: Node | None, boot: Meaning) -> ast.expr | None:
    """Which statistic; by default boot's first two, the second being the variance of the first."""
    if node is not None:
        found = translator.expression(node)
        place = from_zero(found.code)
        if found.kind is Kind.ITEMS and isinstance(place, ast.List):
            return ast.Tuple(place.elts)
        return None if isinstance(place, ast.Constant) and place.value == 0 else place
    if boot.length == 1:
        return None
    if boot.length is not None:
        return build.constant((0, 1))
    return build.fill("range(min(2, len(_b.t0)))", _b=boot.code)


def _transformation(translator: Translator, node: Node) -> ast.expr:
    """A function of numbers: R's own, or the script's."""
    own = {"qlogis": "special.logit", "plogis": "special.expit", "log": "np.log"}
    if isinstance(node, Symbol) and translator.scope.find(node.name) is None:
        if node.name in own:
            return build.fill(own[node.name])
        if node.name in ELEMENTWISE:
            return build.fill(ELEMENTWISE[node.name].removesuffix("(_x)"))
    found = translator.expression(node)
    if found.kind is not Kind.FUNCTION:
        raise Untranslatable(f"`{deparse(node)}` is {found.kind}, not a function")
    return found.code
