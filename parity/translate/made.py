"""What became of a statement, and which names it sets."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from parity.translate.meaning.kinds import Meaning
from parity.translate.reading.tree import Call, Node, Symbol, walk

ASSIGNMENTS = ("<-", "=", "<<-")


@dataclass(frozen=True)
class Made:
    """What became of a statement.

    Attributes
    ----------
    lines
        Lines of Python.
    sets
        The R name and the Python name that it sets.
    shows
        Whether R prints its value.
    omitted
        Why it has no Python and needs none.
    """

    lines: list[str]
    sets: tuple[tuple[str, str], ...] = ()
    shows: bool = False
    omitted: str = ""
    gives: Meaning | None = None


def named(held: Meaning) -> str:
    """The Python name of a variable."""
    assert isinstance(held.code, ast.Name)
    return held.code.id


def assigned(node: Node) -> Iterator[str]:
    """R names that are set in a tree, in order."""
    for part in walk(node):
        if isinstance(part, Call) and part.name == "data":
            yield from (value.name for value in part.values if isinstance(value, Symbol))
        if isinstance(part, Call) and part.name in ASSIGNMENTS and len(part.values) == 2:
            target: Node = part.values[0]
            while isinstance(target, Call) and target.values:
                target = target.values[0]
            if isinstance(target, Symbol):
                yield target.name
