"""Fitting: lmer with its arguments, and what gives another fit or compares fits."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import Arguments, match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.meaning.scope import View
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant, Node, Symbol
from parity.translate.rules.frames import frame_of
from parity.translate.rules.rows import where
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

_LMER = ("formula", "data", "REML", "control", "start", "verbose", "subset", "weights",
         "na.action", "offset", "contrasts", "devFunOnly")  # fmt: skip
_ACTIONS = {"na.omit": None, "na.exclude": "exclude", "na.fail": "fail"}


@rule("lmer")
def lmer(translator: Translator, node: Call) -> Meaning:
    """Fit a linear mixed model."""
    arguments = match(node, _LMER)
    given = arguments.need("formula")
    formula = translator.of_kind(given, Kind.FORMULA, Kind.TEXT).code
    data = arguments.take("data")
    if data is None:
        raise Untranslatable("lmer() has no `data`: its variables are not in one data frame")
    frame = frame_of(translator, data)
    kept = arguments.take("subset")
    if kept is not None:
        frame = where(translator, frame, [kept])
    keywords = _options(translator, arguments, frame)
    keywords["reml"] = _flag(translator, arguments.take("REML"))
    arguments.done()
    code = build.call("bm.lmer", formula, frame.code, **_in_order(keywords))
    return Meaning(code, Kind.FIT)


def _options(
    translator: Translator, arguments: Arguments, frame: Meaning
) -> dict[str, ast.expr | None]:
    """The arguments that lmer() and update() share."""
    found: dict[str, ast.expr | None] = {}
    for title in ("weights", "offset"):
        value = arguments.take(title)
        if value is not None:
            found[title] = _by_row(translator, value, frame)
    action = arguments.take("na.action")
    if action is not None:
        name = action.name if isinstance(action, Symbol) else str(getattr(action, "value", ""))
        if name not in _ACTIONS:
            raise Untranslatable(f"`na.action = {deparse(action)}` has no translation")
        how = _ACTIONS[name]
        found["na_action"] = None if how is None else build.constant(how)
    contrasts = arguments.take("contrasts")
    if contrasts is not None:
        found["contrasts"] = _contrasts(contrasts)
    start = arguments.take("start")
    if start is not None:
        found["start"] = translator.code(start)
    if arguments.take("control") is not None:
        translator.remark(
            "`control` is left out: it steers lme4's optimisers; pybootmlm has one of its own, "
            "which goes on until the optimum is exact (bm.LmerControl steers that)"
        )
    arguments.take("verbose")
    return found


def _in_order(keywords: dict[str, ast.expr | None]) -> dict[str, ast.expr | None]:
    order = ("reml", "weights", "offset", "contrasts", "na_action", "start")
    return {title: keywords[title] for title in order if title in keywords}


def _flag(translator: Translator, node: Node | None) -> ast.expr | None:
    if node is None:
        return None
    found = translator.expression(node)
    if isinstance(found.code, ast.Constant) and found.code.value is True:
        return None
    return found.code


def _by_row(translator: Translator, value: Node, frame: Meaning) -> ast.expr:
    """Weights or an offset: the name of a column, or an expression of columns."""
    with translator.scope.within(View(frame.code, frame.columns)):
        found = translator.expression(value)
    if isinstance(value, Symbol) and found.kind is Kind.COLUMN and (
        isinstance(found.code, ast.Subscript) and found.source == ast.unparse(frame.code)
    ):  # fmt: skip
        return build.constant(value.name)
    return found.code


def _contrasts(node: Node) -> ast.expr:
    if not isinstance(node, Call) or node.name != "list":
        raise Untranslatable(f"`contrasts = {deparse(node)}` is no list")
    pairs: dict[str, str] = {}
    for argument in node.arguments:
        value = argument.value
        name = value.name if isinstance(value, Symbol) else ""
        if isinstance(value, Constant) and value.kind == "string":
            name = str(value.value)
        known = ("contr.treatment", "contr.sum", "contr.helmert", "contr.poly")
        if argument.name is None or name not in known:
            raise Untranslatable(f"`contrasts = {deparse(node)}`: known are {', '.join(known)}")
        pairs[argument.name] = name
    return build.constant(pairs)


@rule("update")
def update(translator: Translator, node: Call) -> Meaning:
    """Fit again with something changed."""
    arguments = match(node, ("object", "formula.", "data", *_LMER[2:]))
    fit = translator.fit(arguments.need("object"))
    change = arguments.take("formula.")
    formula = None
    if change is not None:
        formula = translator.of_kind(change, Kind.FORMULA, Kind.TEXT).code
    data = arguments.take("data")
    if arguments.given.get("subset") is not None:
        raise Untranslatable("update() with `subset`: choose the rows before")
    frame = Meaning(build.name("_"), Kind.FRAME) if data is None else frame_of(translator, data)
    keywords = _options(translator, arguments, frame)
    reml = arguments.take("REML")
    if reml is not None:
        keywords["reml"] = translator.code(reml)
    arguments.done()
    options = {"data": None if data is None else frame.code, **_in_order(keywords)}
    parts = [] if formula is None else [formula]
    return Meaning(build.call(ast.Attribute(fit, "update"), *parts, **options), Kind.FIT)


@rule("refit")
def refit(translator: Translator, node: Call) -> Meaning:
    """The same model of another response."""
    arguments = match(node, ("object", "newresp"))
    fit = translator.fit(arguments.need("object"))
    response = arguments.take("newresp")
    arguments.done()
    values = []
    if response is not None:
        found = translator.numeric(response)
        values = [found.code]
    return Meaning(build.call(ast.Attribute(fit, "refit"), *values), Kind.FIT)


@rule("refitML")
def refit_ml(translator: Translator, node: Call) -> Meaning:
    """The same model by maximum likelihood."""
    code = build.fill("_x.refit_ml()", _x=translator.fit(node.values[0]))
    return Meaning(code, Kind.FIT)


@rule("as_lmerModLmerTest", "suppressWarnings", "suppressMessages", "invisible", "identity", "I")
def itself(translator: Translator, node: Call) -> Meaning:
    """What changes nothing here."""
    if node.name == "suppressWarnings":
        translator.remark("warnings are not suppressed")
    return translator.expression(node.values[0])


@rule("anova")
def anova(translator: Translator, node: Call) -> Meaning:
    """Compare models, or test the terms of one."""
    arguments = match(node, ("object", "...", "refit", "model.names", "test"))
    first = arguments.need("object")
    fits = [first, *(value for title, value in arguments.rest if title is None)]
    if any(title is not None for title, _ in arguments.rest):
        title = next(title for title, _ in arguments.rest if title is not None)
        raise Untranslatable(f"`{title}` of anova() has no translation")
    arguments.rest.clear()
    codes = [translator.fit(fit) for fit in fits]
    again = arguments.flag("refit", True)
    arguments.done("test")
    if len(fits) == 1:
        return Meaning(build.fill("_x.anova()", _x=codes[0]), Kind.TESTS)
    names = [deparse(fit) for fit in fits]
    code = build.call(
        "bm.anova", *codes, refit=None if again else build.constant(False),
        model_names=build.constant(names),
    )  # fmt: skip
    return Meaning(code, Kind.TESTS)


@rule("drop1")
def drop1(translator: Translator, node: Call) -> Meaning:
    """Each term of the fixed effects dropped in turn."""
    arguments = match(node, ("object", "scope", "test", "k"))
    fit = translator.fit(arguments.need("object"))
    scope, penalty = arguments.take("scope"), arguments.take("k")
    test = arguments.text("test", "none")
    arguments.done()
    code = build.call(
        ast.Attribute(fit, "drop1"),
        scope=None if scope is None else translator.code(scope),
        test=None if test == "none" else build.constant(test),
        k=None if penalty is None else translator.code(penalty),
    )  # fmt: skip
    return Meaning(code, Kind.TESTS)


@rule("as.formula", "formula")
def formula(translator: Translator, node: Call) -> Meaning:
    """A formula from a text; the formula of a fit."""
    found = translator.expression(node.values[0])
    if found.kind is Kind.FIT:
        return Meaning(build.fill("_x.formula", _x=found.code), Kind.FORMULA)
    if found.kind in (Kind.TEXT, Kind.FORMULA):
        return replace(found, kind=Kind.FORMULA)
    raise Untranslatable(f"`{deparse(node)}`: a formula of {found.kind}")


@rule("lm", "glm", "glmer", "nlmer", "lme", "gls", "aov")
def other_models(translator: Translator, node: Call) -> Meaning:  # noqa: ARG001 (as all rules)
    """Models that pybootmlm does not fit."""
    raise Untranslatable(f"{node.name}() fits a kind of model that pybootmlm does not have")
