"""The table of rules: which function of R is translated by which function of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from parity.translate.meaning.kinds import Meaning
from parity.translate.reading.tree import Call

if TYPE_CHECKING:
    from parity.translate.translator import Translator

Rule: TypeAlias = "Callable[[Translator, Call], Meaning]"

#: By the name of the R function.
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule under the names of the functions that it translates."""

    def register(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return register
