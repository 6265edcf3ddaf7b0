"""The variables of a script: which R name has which Python name and what it holds."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from parity.translate.meaning.kinds import Kind, Meaning
from parity.translate.writing.build import identifier, name


@dataclass(frozen=True)
class View:
    """A data frame whose columns can be named without it: within subset(), mutate(), with()."""

    code: ast.expr
    columns: frozenset[str] | None
    keys: tuple[str, ...] = ()


@dataclass
class Scope:
    """The variables of one function, or of the script.

    Attributes
    ----------
    lost
        Names that a statement would have set which was not translated, with its line.
    """

    outer: "Scope | None" = None
    known: dict[str, Meaning] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    python_names: dict[str, str] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)

    def find(self, r_name: str) -> Meaning | None:
        """What a name stands for, here or outside."""
        if r_name in self.known:
            return self.known[r_name]
        return self.outer.find(r_name) if self.outer is not None else None

    def lost_at(self, r_name: str) -> int | None:
        """Line of the statement, not translated, that would have set a name."""
        if r_name in self.known:
            return None
        if r_name in self.lost:
            return self.lost[r_name]
        return self.outer.lost_at(r_name) if self.outer is not None else None

    def python_name(self, r_name: str) -> str:
        """The Python name of an R name; two R names never share one."""
        if r_name not in self.python_names:
            wanted = identifier(r_name)
            used = {p for r, p in self.python_names.items() if r != r_name}
            while wanted in used:
                wanted += "_"
            self.python_names[r_name] = wanted
        return self.python_names[r_name]

    def define(self, r_name: str, meaning: Meaning) -> Meaning:
        """Let a name stand for something; return it under its Python name."""
        python = name(self.python_name(r_name))
        held = meaning.with_code(python)
        if held.kind is Kind.COLUMN and not held.source:
            held = replace(held, source=python.id)
        if held.kind is Kind.ITEMS:
            held = replace(held, kind=Kind.VECTOR)
        self.known[r_name] = held
        self.lost.pop(r_name, None)
        return held

    def lose(self, r_name: str, line: int) -> None:
        """Remember that a name was not set."""
        self.known.pop(r_name, None)
        self.lost[r_name] = line

    def view(self) -> View | None:
        """The frame whose columns can be named, if there is one."""
        return self.views[-1] if self.views else None

    @contextmanager
    def within(self, view: View) -> Iterator[None]:
        """Let the columns of a frame be named."""
        self.views.append(view)
        try:
            yield
        finally:
            self.views.pop()
