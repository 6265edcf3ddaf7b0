"""Arguments of a call, matched to parameters as R matches them: by name, by its start, by place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from parity.translate.meaning.kinds import Untranslatable
from parity.translate.reading.tree import Call, Constant, Node, Symbol


@dataclass
class Arguments:
    """The arguments of one call by the names of the parameters; each is to be taken once.

    Attributes
    ----------
    rest
        What ``...`` takes: names, or None, and expressions.
    """

    call: Call
    given: dict[str, Node]
    rest: list[tuple[str | None, Node]] = field(default_factory=list)

    def take(self, name: str) -> Node | None:
        """The expression given for a parameter, None if there is none or it is NULL."""
        node = self.given.pop(name, None)
        return None if isinstance(node, Constant) and node.kind == "null" else node

    def need(self, name: str) -> Node:
        """The expression given for a parameter that must be there."""
        node = self.take(name)
        if node is None:
            raise Untranslatable(f"{self.call.name}() is called without `{name}`")
        return node

    def flag(self, name: str, default: bool) -> bool:
        """TRUE or FALSE, written as a constant."""
        node = self.take(name)
        if node is None:
            return default
        if isinstance(node, Constant) and isinstance(node.value, bool):
            return node.value
        if isinstance(node, Symbol) and node.name in ("T", "F"):
            return node.name == "T"
        raise Untranslatable(f"`{name}` of {self.call.name}() is not a plain TRUE or FALSE")

    def text(self, name: str, default: str | None = None) -> str | None:
        """A text, written as a constant."""
        node = self.take(name)
        if node is None:
            return default
        if isinstance(node, Constant) and node.kind == "string":
            return str(node.value)
        raise Untranslatable(f"`{name}` of {self.call.name}() is not a plain text")

    def done(self, *ignored: str) -> None:
        """Refuse what is left, but for parameters that may be ignored."""
        for name in ignored:
            self.given.pop(name, None)
        for name in self.given:
            raise Untranslatable(f"`{name}` of {self.call.name}() has no translation")
        for title, _ in self.rest:
            said = f"`{title}` of" if title else "an argument of"
            raise Untranslatable(f"{said} {self.call.name}() has no translation")


def match(call: Call, parameters: Sequence[str]) -> Arguments:
    """Match the arguments of a call.

    Examples
    --------
    >>> from parity.translate.reading.parser import parse
    >>> (call,) = parse("f(1, lev = 2, 3)").statements
    >>> {k: v.value for k, v in match(call, ("object", "parm", "level")).given.items()}
    {'level': 2.0, 'object': 1.0, 'parm': 3.0}
    """
    dots = parameters.index("...") if "..." in parameters else len(parameters)
    given: dict[str, Node] = {}
    unnamed: list[Node] = []
    rest: list[tuple[str | None, Node]] = []
    for title, node in _values(call):
        if title is None:
            unnamed.append(node)
            continue
        full = _full(title, parameters, dots)
        if full is not None and full not in given:
            given[full] = node
        elif dots < len(parameters):
            rest.append((title, node))
        else:
            raise Untranslatable(f"`{title}` is no argument of {call.name}() that is known here")
    free = [p for p in parameters[:dots] if p not in given]
    for node in unnamed:
        if free:
            given[free.pop(0)] = node
        elif dots < len(parameters):
            rest.append((None, node))
        else:
            raise Untranslatable(f"{call.name}() has more arguments than are known here")
    return Arguments(call, given, rest)


def _values(call: Call) -> Iterator[tuple[str | None, Node]]:
    for argument in call.arguments:
        if isinstance(argument.value, Symbol) and argument.value.name == "...":
            raise Untranslatable("`...` is handed on, and what is in it is not known")
        if argument.value is not None:
            yield argument.name, argument.value


def _full(title: str, parameters: Sequence[str], dots: int) -> str | None:
    if title in parameters:
        return title
    begun = [p for p in parameters[:dots] if p.startswith(title)]
    return begun[0] if len(begun) == 1 else None
