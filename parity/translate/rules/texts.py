"""Texts and their parts: paste, sprintf, format, round."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import NUMERIC, Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


@rule("round", "signif")
def rounded(translator: Translator, node: Call) -> Meaning:
    """Rounded to so many decimals."""
    arguments = match(node, ("x", "digits"))
    found = translator.expression(arguments.need("x"))
    digits = arguments.take("digits")
    arguments.done()
    if node.name == "signif":
        raise Untranslatable("signif() has no counterpart in NumPy: use round()")
    places = [] if digits is None else [translator.code(digits)]
    found = translator.as_numeric(found)
    if found.kind is Kind.TESTS:
        found = Meaning(build.fill("_x.to_frame()", _x=found.code), Kind.TABLE)
    if found.kind not in (*NUMERIC, Kind.FRAME):
        raise Untranslatable(f"`{deparse(node)}` rounds {found.kind}")
    if found.kind is Kind.NUMBER:
        return found.with_code(build.call("round", found.code, *places))
    if found.kind in (Kind.COLUMN, Kind.TABLE, Kind.FRAME):
        return found.with_code(build.call(ast.Attribute(found.code, "round"), *places))
    return found.with_code(build.call("np.round", found.code, *places))


@rule("paste", "paste0")
def pasted(translator: Translator, node: Call) -> Meaning:
    """Texts put together, with numbers to 15 digits as R writes them."""
    arguments = match(node, ("...", "sep", "collapse"))
    between = arguments.text("sep", "" if node.name == "paste0" else " ")
    joined = arguments.text("collapse")
    found = [translator.expression(value) for _, value in arguments.rest]
    many = [one for one in found if one.kind in (Kind.TEXTS, Kind.VECTOR, Kind.ITEMS, Kind.COLUMN)]
    if len(many) > 1:
        raise Untranslatable(f"`{deparse(node)}` puts several vectors together")
    if many and many[0].kind is Kind.COLUMN and not many[0].factor:
        raise Untranslatable(
            f"`{deparse(node)}`: how a column is written as text depends on what is in it"
        )
    parts: list[ast.expr] = []
    for i, one in enumerate(found):
        if i and between:
            parts.append(ast.Constant(between))
        is_many = bool(many) and one is many[0]
        parts += _as_text(one, is_many=is_many, said=deparse(node))
    text = _joined(parts)
    if not many:
        return Meaning(text, Kind.TEXT, length=1)
    loop = ast.comprehension(ast.Name("value"), many[0].code, [], 0)
    if joined is not None:
        separator = build.constant(joined)
        generator = ast.GeneratorExp(text, [loop])
        return Meaning(build.fill("_s.join(_g)", _s=separator, _g=generator), Kind.TEXT, length=1)
    return Meaning(ast.ListComp(text, [loop]), Kind.TEXTS)


def _as_text(found: Meaning, *, is_many: bool, said: str) -> list[ast.expr]:
    if isinstance(found.code, ast.Constant) and found.kind in (Kind.TEXT, Kind.NUMBER):
        return [ast.Constant(str(found.code.value))]
    if found.kind is Kind.FLAG:
        raise Untranslatable(f"`{said}` writes TRUE or FALSE, which Python writes otherwise")
    if is_many:
        texts = found.kind is Kind.TEXTS or found.factor
        return [_formatted(ast.Name("value"), plain=texts or _is_whole(found.code))]
    if found.kind in (Kind.TEXT, Kind.FORMULA):
        if isinstance(found.code, ast.JoinedStr):
            return list(found.code.values)
        return [_formatted(found.code, plain=True)]
    if found.kind in (Kind.NUMBER, Kind.UNKNOWN):
        return [_formatted(found.code, plain=_is_whole(found.code))]
    raise Untranslatable(f"`{said}` writes {found.kind} into a text")


def _is_whole(code: ast.expr) -> bool:
    said = ast.unparse(code)
    return said.startswith(("len(", "np.arange(", "range(")) or said.endswith((".nobs", ".nsim"))


def _formatted(code: ast.expr, *, plain: bool) -> ast.expr:
    specification = None if plain else ast.JoinedStr([ast.Constant(".15g")])
    return ast.FormattedValue(code, -1, specification)


def _joined(parts: list[ast.expr]) -> ast.expr:
    merged: list[ast.expr] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, ast.Constant) and isinstance(last, ast.Constant):
            merged[-1] = ast.Constant(str(last.value) + str(part.value))
        else:
            merged.append(part)
    if len(merged) == 1 and isinstance(merged[0], ast.Constant):
        return merged[0]
    return ast.JoinedStr(merged)


@rule("sprintf")
def printed(translator: Translator, node: Call) -> Meaning:
    """C's formats, which Python has too."""
    form = node.values[0]
    if not isinstance(form, Constant) or form.kind != "string":
        raise Untranslatable(f"`{deparse(node)}`: the format is not written out")
    found = [translator.expression(value) for value in node.values[1:]]
    if any(one.kind not in (Kind.NUMBER, Kind.TEXT) for one in found):
        raise Untranslatable(f"`{deparse(node)}` formats more than one value at a time")
    codes = [one.code for one in found]
    values = codes[0] if len(codes) == 1 else ast.Tuple(codes)
    return Meaning(ast.BinOp(build.constant(form.value), ast.Mod(), values), Kind.TEXT, length=1)


@rule("format", "formatC")
def formatted(translator: Translator, node: Call) -> Meaning:
    """A number as text, with so many digits; one number only, as R gives several a common width."""
    arguments = match(node, ("x", "digits", "nsmall", "format"))
    found = translator.expression(arguments.need("x"))
    digits, decimals = arguments.take("digits"), arguments.take("nsmall")
    style = arguments.text("format", "g")
    arguments.done()
    if found.kind is not Kind.NUMBER:
        raise Untranslatable(f"`{deparse(node)}`: R gives several numbers one common format")
    if decimals is not None and digits is None:
        shown = translator.code(decimals)
        letter = "f"
    elif digits is not None and decimals is None:
        shown, letter = translator.code(digits), style or "g"
    else:
        raise Untranslatable(f"`{deparse(node)}`: this combination of digits")
    if not isinstance(shown, ast.Constant) or letter not in ("f", "g", "e"):
        raise Untranslatable(f"`{deparse(node)}`: its digits are not written out")
    specification = ast.JoinedStr([ast.Constant(f".{shown.value!r}{letter}")])
    return Meaning(ast.JoinedStr([ast.FormattedValue(found.code, -1, specification)]), Kind.TEXT)


@rule("toupper", "tolower", "trimws", "nchar")
def letters(translator: Translator, node: Call) -> Meaning:
    """Letters of a text or of a column of texts."""
    method = {"toupper": "upper", "tolower": "lower", "trimws": "strip", "nchar": "len"}[node.name]
    found = translator.expression(node.values[0])
    if found.kind is Kind.COLUMN:
        return found.with_code(build.call(ast.Attribute(ast.Attribute(found.code, "str"), method)))
    if found.kind is Kind.TEXT and method != "len":
        return found.with_code(build.call(ast.Attribute(found.code, method)))
    raise Untranslatable(f"`{deparse(node)}` of {found.kind}")
