"""Missing values, where R and pandas make different things of them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from parity.translate.meaning.kinds import Kind, Meaning
from parity.translate.meaning.scope import Scope

if TYPE_CHECKING:
    from parity.translate.translator import Translator


def may_miss(translator: Translator, found: Meaning) -> bool:
    """Whether a column may have missing values: those of packaged data have none."""
    view = translator.scope.view()
    if not found.source or (view is not None and view.columns is not None):
        return False
    base = re.match(r"\w*", found.source)
    assert base is not None
    scope: Scope | None = translator.scope
    while scope is not None:
        for held in scope.known.values():
            if ast.unparse(held.code) == base[0]:
                return held.kind is Kind.FRAME and held.columns is None
        scope = scope.outer
    return True


def remark_conditions(translator: Translator, found: Meaning) -> None:
    """Say what becomes of a condition on missing values, where it is kept and not used up."""
    said = ast.unparse(found.code)
    compares = any(sign in said for sign in (" < ", " > ", " <= ", " >= ", " == ", " != "))
    if found.kind is Kind.COLUMN and compares and may_miss(translator, found):
        translator.remark(
            "a condition on a missing value is NA in R, and False in pandas", once=True
        )
