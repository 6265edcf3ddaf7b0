"""R's own parser: its parse data, folded into the same tree that our parser makes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.errors import RSyntaxError
from parity.translate.r_process import MARK, ask_r, long_text
from parity.translate.reading.tokens import Tokens
from parity.translate.reading.tree import (
    Argument,
    Call,
    Comment,
    Constant,
    Function,
    Node,
    Place,
    Script,
    Symbol,
)

_CONSTANTS = ("NUM_CONST", "STR_CONST", "NULL_CONST")
_WORDS = {"IF": "if", "FOR": "for", "WHILE": "while", "REPEAT": "repeat"}
_SEPARATORS = ("';'", "COMMENT")
_CLOSINGS = ("')'", "']'", "'}'")


def parse_by_r(text: str, command: str | None = None) -> Script:
    """Read a script by R's own parser; R runs nothing of it.

    Raises
    ------
    RSyntaxError
        It is not R.
    RUnavailableError, OracleError
        There is no R, or it does not answer.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    program = f'cat("{_escaped(MARK)}", read_script({long_text(text)}), "\\n", sep = "")\n'
    (answer,) = ask_r(("encode", "read_script"), program, command=command)
    if "error" in answer:
        raise _syntax_error(answer["error"])
    return fold(text, answer)


def fold(text: str, data: Mapping[str, Sequence[Any]]) -> Script:
    """Turn parse data into a tree."""
    lines = text.split("\n")
    names = ("id", "parent", "token", "line", "column", "end_line", "end_column")
    items: dict[int, _Item] = {}
    for row in zip(*(data[name] for name in names), strict=True):
        at = Place(*(int(number) for number in row[3:]))
        items[int(row[0])] = _Item(int(row[1]), row[2], at, _cut(lines, at))
    ordered = sorted(items.items(), key=lambda pair: _order(pair[1].at))
    top: list[_Item] = []
    for _, item in ordered:
        (items[item.parent].children if item.parent in items else top).append(item)
    whole = _Item(0, "", Place(0, 0, 0, 0), "", top)
    statements = tuple(_node(item) for item in whole.parts)
    return Script(statements, _comments(item for _, item in ordered))


@dataclass
class _Item:
    parent: int
    token: str
    at: Place
    text: str
    children: "list[_Item]" = field(default_factory=list)

    @property
    def parts(self) -> "list[_Item]":
        found: list[_Item] = []
        for child in self.children:
            if child.token == "exprlist":  # what stands between semicolons
                found += child.parts
            elif child.token not in _SEPARATORS:
                found.append(child)
        return found


def _order(at: Place) -> tuple[int, int, int, int]:
    return (at.line, at.column, -at.end_line, -at.end_column)


def _node(item: _Item) -> Node:
    parts = item.parts
    if not parts:
        return _leaf(item)
    first = parts[0]
    if len(parts) == 1:
        return _node(first)
    if first.token in ("FUNCTION", r"'\\'"):
        return Function(_parameters(parts[2:-2]), _node(parts[-1]), item.at)
    if first.token in _WORDS:
        return _compound(item, parts)
    if first.token in ("'{'", "'('"):
        values = tuple(Argument(None, _node(part)) for part in parts[1:-1])
        return Call(Symbol(first.text, first.at), values, item.at)
    if parts[1].token == "'('":
        return Call(_function(first), _arguments(parts[2:-1], call=True), item.at)
    if parts[1].token in ("'['", "LBB"):
        closing = 1 if parts[1].token == "'['" else 2
        inner = _arguments(parts[2:-closing], call=False)
        return Call(_symbol(parts[1]), (Argument(None, _node(first)), *inner), item.at)
    if len(parts) == 2:
        return Call(_symbol(first), (Argument(None, _node(parts[1])),), item.at)
    return _binary(item, parts)


def _leaf(item: _Item) -> Node:
    if item.token in _CONSTANTS:
        token = next(iter(Tokens(item.text)))
        return Constant(token.text, token.value, item.at)
    if item.token in ("NEXT", "BREAK"):
        return Call(Symbol(item.text, item.at), (), item.at)
    return Symbol(_unquoted(item.text), item.at)


def _function(item: _Item) -> Node:
    node = _node(item)
    if isinstance(node, Constant) and node.kind == "string":
        return Symbol(str(node.value), node.at)
    return node


def _symbol(item: _Item) -> Symbol:
    return Symbol({"**": "^"}.get(item.text, item.text), item.at)


def _unquoted(text: str) -> str:
    return next(iter(Tokens(text))).text if text.startswith("`") else text


def _binary(item: _Item, parts: list[_Item]) -> Node:
    left, operator, right = _node(parts[0]), parts[1], _node(parts[2])
    if operator.token == "PIPE":
        assert isinstance(right, Call)
        return Call(right.function, (Argument(None, left), *right.arguments), item.at)
    symbol = _symbol(operator)
    if operator.text in ("->", "->>"):
        symbol = Symbol("<-" if operator.text == "->" else "<<-", symbol.at)
        left, right = right, left
    return Call(symbol, (Argument(None, left), Argument(None, right)), item.at)


def _compound(item: _Item, parts: list[_Item]) -> Node:
    first = parts[0]
    values: list[Node] = []
    for part in parts[1:]:
        if part.token == "forcond":
            inner = part.parts
            values += [_node(inner[1]), _node(inner[3])]
        elif part.token not in ("'('", "')'", "ELSE"):
            values.append(_node(part))
    arguments = tuple(Argument(None, value) for value in values)
    return Call(Symbol(_WORDS[first.token], first.at), arguments, item.at)


def _parameters(parts: list[_Item]) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for part in parts:
        if part.token == "SYMBOL_FORMALS":
            found.append(Argument(_unquoted(part.text), None))
        elif part.token not in ("','", "EQ_FORMALS"):
            found[-1] = Argument(found[-1].name, _node(part))
    return tuple(found)


def _arguments(parts: list[_Item], *, call: bool) -> tuple[Argument, ...]:
    groups: list[list[_Item]] = [[]]
    for part in parts:
        if part.token == "','":
            groups.append([])
        else:
            groups[-1].append(part)
    if call and groups == [[]]:
        return ()
    return tuple(_argument(group) for group in groups)


def _argument(group: list[_Item]) -> Argument:
    if not group:
        return Argument(None, None)
    if len(group) > 1 and group[1].token == "EQ_SUB":
        first = group[0]
        token = next(iter(Tokens(first.text)))
        name = str(token.value) if first.token == "STR_CONST" else _unquoted(first.text)
        return Argument(name, _node(group[2]) if len(group) > 2 else None)
    return Argument(None, _node(group[0]))


def _comments(items: Iterable[_Item]) -> tuple[Comment, ...]:
    found = []
    code_on_line = 0
    for item in items:
        if item.token == "COMMENT":
            found.append(Comment(item.text, item.at.line, item.at.line != code_on_line))
        elif not item.children:
            code_on_line = item.at.end_line
    return tuple(found)


def _cut(lines: list[str], at: Place) -> str:
    """The text of a token; columns count characters, a tab to the next multiple of eight."""
    if at.line == at.end_line:
        line = lines[at.line - 1]
        return line[_offset(line, at.column) : _offset(line, at.end_column) + 1]
    first, last = lines[at.line - 1], lines[at.end_line - 1]
    between = lines[at.line : at.end_line - 1]
    ends = (first[_offset(first, at.column) :], last[: _offset(last, at.end_column) + 1])
    return "\n".join([ends[0], *between, ends[1]])


def _offset(line: str, column: int) -> int:
    now = 1
    for offset, letter in enumerate(line):
        if now >= column:
            return offset
        now = (now + 7) // 8 * 8 + 1 if letter == "\t" else now + 1
    return len(line)


def _syntax_error(message: str) -> RSyntaxError:
    place = re.match(r"<text>:(\d+):(\d+): ([^\n]*)", message)
    if place is None:
        return RSyntaxError(message.split("\n")[0], 1, 1)
    return RSyntaxError(place[3], int(place[1]), int(place[2]))


def _escaped(mark: str) -> str:
    return f"\\x{ord(mark):02x}"
