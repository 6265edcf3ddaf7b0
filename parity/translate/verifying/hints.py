"""Known slips of R that a statement may run into: where to look when its values differ."""

from parity.translate.reading.parser import parse
from parity.translate.reading.tree import Argument, Call, Constant, walk

# Function, an argument of it, the text it must be (or NULL; or anything), and the deviation.
_KNOWN = (
    ("confint", "type", "bca", "bootmlm-confint-bca-matrix"),
    ("bootstrap_mer", "seed", None, "bootmlm-seed-null"),
    ("lmer", "weights", ..., "lme4-simulate-weights, lme4-profile-weights"),
    ("predict", "se.fit", ..., "lme4-predict-se"),
)


def known_deviation(code: str) -> str:
    """What docs/deviations.md has about the calls of a statement; empty if nothing.

    Examples
    --------
    >>> known_deviation('confint(b, type = "bca", L = L)')
    'docs/deviations.md may explain it: bootmlm-confint-bca-matrix'
    >>> known_deviation('confint(b, type = "perc")')
    ''
    """
    found = [
        entry
        for statement in parse(code).statements
        for node in walk(statement)
        if isinstance(node, Call)
        for function, title, value, entry in _KNOWN
        if node.name == function and any(_is(a, title, value) for a in node.arguments)
    ]
    return f"docs/deviations.md may explain it: {', '.join(found)}" if found else ""


def _is(argument: Argument, title: str, value: object) -> bool:
    if argument.name != title or argument.value is None:
        return False
    if value is ...:
        return True
    return isinstance(argument.value, Constant) and argument.value.value == value
