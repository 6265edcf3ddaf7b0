"""Python expressions, built from patterns in Python itself."""

import ast
import copy
import functools
import keyword
from collections.abc import Mapping

# Names that a script of ours uses itself, or that would hide what it uses.
TAKEN = frozenset(
    ("bm", "np", "pd", "plt", "special", "stats", "rng", "print", "len", "range", "list", "dict",
     "sum", "min", "max", "abs", "round", "sorted", "zip", "map", "str", "int", "float", "tuple",
     "jacobian", "hessian", "Path", "set", "type", "id", "input", "filter", "all", "any")
)  # fmt: skip


@functools.cache
def _pattern(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Filler(ast.NodeTransformer):
    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.given[node.id]) if node.id in self.given else node


def fill(pattern: str, **given: ast.expr) -> ast.expr:
    """Put expressions in the place of the names of a pattern.

    Examples
    --------
    >>> ast.unparse(fill("_x.isin(_values)", _x=name("a"), _values=constant([1, 2])))
    'a.isin([1, 2])'
    """
    filled: ast.expr = _Filler(given).visit(copy.deepcopy(_pattern(pattern)))
    return filled


def name(text: str) -> ast.Name:
    """A name."""
    return ast.Name(text)


def constant(value: object) -> ast.expr:
    """A plain value: numbers, texts, lists and dicts of them."""
    return ast.parse(repr(value), mode="eval").body


def number(value: float) -> ast.expr:
    """A number as one would write it: R's 2 is Python's 2, though both are doubles in R.

    Examples
    --------
    >>> ast.unparse(number(2.0)), ast.unparse(number(0.25)), ast.unparse(number(-1.0))
    ('2', '0.25', '-1')
    """
    if value != value:
        return fill("np.nan")
    if value in (float("inf"), float("-inf")):
        return fill("np.inf" if value > 0 else "-np.inf")
    whole = value == int(value) and abs(value) < 1e15
    return constant(int(value) if whole else value)


def call(function: str | ast.expr, *arguments: ast.expr, **keywords: ast.expr | None) -> ast.expr:
    """A call; keywords that are None are left out.

    Examples
    --------
    >>> ast.unparse(call("f", name("x"), level=constant(0.9), rng=None))
    'f(x, level=0.9)'
    """
    called = fill(function) if isinstance(function, str) else function
    named = [ast.keyword(key, value) for key, value in keywords.items() if value is not None]
    return ast.Call(called, list(arguments), named)


def items(values: list[ast.expr]) -> ast.expr:
    """A list."""
    return ast.List(list(values))


def column(frame: ast.expr, title: str) -> ast.expr:
    """A column of a frame."""
    return ast.Subscript(frame, ast.Constant(title))


def identifier(r_name: str) -> str:
    """A Python name for an R name.

    Examples
    --------
    >>> identifier("fit.ml"), identifier("lambda"), identifier("print"), identifier("2nd %")
    ('fit_ml', 'lambda_', 'print_', '_2nd__')
    """
    text = "".join(c if c.isalnum() or c == "_" else "_" for c in r_name).lstrip(".") or "_"
    if text[0].isdigit():
        text = f"_{text}"
    if not text.isidentifier():
        text = "".join(c if c.isascii() else "_" for c in text)
    return f"{text}_" if keyword.iskeyword(text) or text in TAKEN else text
