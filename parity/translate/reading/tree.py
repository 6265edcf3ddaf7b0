"""The syntax tree of R: symbols, constants, functions, and calls for everything else, as in R."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = float | int | complex | str | bool | None


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: lines and columns from 1, both ends included."""

    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: "Place") -> "Place":
        """From here to the end of another place."""
        return Place(self.line, self.column, other.end_line, other.end_column)

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True)
class Symbol:
    """A name."""

    name: str
    at: Place


@dataclass(frozen=True)
class Constant:
    """A number, text, TRUE, NULL or NA.

    Attributes
    ----------
    kind
        ``double``, ``integer``, ``complex``, ``string``, ``logical``, ``null`` or ``na``.
    """

    kind: str
    value: Scalar
    at: Place


@dataclass(frozen=True)
class Argument:
    """One argument of a call; it may have a name, and may be empty as in ``d[1, ]``."""

    name: str | None
    value: "Node | None"


@dataclass(frozen=True)
class Call:
    """A call; also what has a syntax of its own: operators, ``if``, ``{``, ``[``, ``$``, ``(``."""

    function: "Node"
    arguments: tuple[Argument, ...]
    at: Place

    @property
    def name(self) -> str:
        """What is called, if that is a name; ``boot::boot.ci`` is called ``boot.ci``."""
        if isinstance(self.function, Symbol):
            return self.function.name
        if isinstance(self.function, Call) and self.function.name in ("::", ":::"):
            last = self.function.values[-1]
            return last.name if isinstance(last, Symbol) else ""
        return ""

    @property
    def package(self) -> str:
        """The package that the call names, if it names one."""
        if isinstance(self.function, Call) and self.function.name in ("::", ":::"):
            first = self.function.values[0]
            return first.name if isinstance(first, Symbol) else ""
        return ""

    @property
    def values(self) -> "tuple[Node, ...]":
        """The arguments that are not empty, without their names."""
        return tuple(a.value for a in self.arguments if a.value is not None)


@dataclass(frozen=True)
class Function:
    """A function: parameters, each with its default or None, and the body."""

    parameters: tuple[Argument, ...]
    body: "Node"
    at: Place


Node: TypeAlias = Symbol | Constant | Call | Function


@dataclass(frozen=True)
class Comment:
    """A comment, its ``#`` included; `alone` if nothing stands before it on its line."""

    text: str
    line: int
    alone: bool


@dataclass(frozen=True)
class Script:
    """What a text consists of."""

    statements: tuple[Node, ...]
    comments: tuple[Comment, ...]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it.

    Examples
    --------
    >>> at = Place(1, 1, 1, 1)
    >>> one = Argument(None, Constant("double", 1.0, at))
    >>> [type(n).__name__ for n in walk(Call(Symbol("f", at), (one,), at))]
    ['Call', 'Symbol', 'Constant']
    """
    yield node
    if isinstance(node, Call):
        yield from walk(node.function)
        for argument in node.arguments:
            if argument.value is not None:
                yield from walk(argument.value)
    elif isinstance(node, Function):
        for parameter in node.parameters:
            if parameter.value is not None:
                yield from walk(parameter.value)
        yield from walk(node.body)


def shape(node: Node | None) -> str:
    """The tree as one line of text without places, to be compared with what R says.

    Examples
    --------
    >>> at = Place(1, 1, 1, 1)
    >>> shape(Call(Symbol("+", at), (Argument(None, Symbol("a", at)),), at))
    '(+ a)'
    """
    match node:
        case None:
            return "<>"
        case Symbol(name=name):
            return name
        case Constant(kind=kind, value=value):
            return _constant(kind, value)
        case Function(parameters=parameters, body=body):
            listed = " ".join(f"{p.name}={shape(p.value)}" for p in parameters)
            return f"(function [{listed}] {shape(body)})"
        case Call(function=function, arguments=arguments):
            parts = [shape(function)]
            for argument in arguments:
                name = "" if argument.name is None else f"{argument.name}="
                parts.append(name + shape(argument.value))
            return f"({' '.join(parts)})"


def _constant(kind: str, value: Scalar) -> str:
    if kind == "string":
        codes = ",".join(str(ord(c)) for c in str(value))
        return f"'{codes}'"
    if kind in ("double", "integer"):
        assert isinstance(value, int | float)
        return f"{kind}:{float(value):.15g}".replace("inf", "Inf").replace("nan", "NaN")
    if kind == "complex":
        assert isinstance(value, complex)
        return f"complex:{value.imag:.15g}"
    return {True: "TRUE", False: "FALSE", None: "NULL"}.get(value, "NA") if kind != "na" else "NA"  # type: ignore[arg-type]
