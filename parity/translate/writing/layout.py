"""Python expressions as lines of text: double quotes, and no line longer than the width."""

import ast
import io
import tokenize
from collections.abc import Iterator

WIDTH = 88
INDENT = "    "
_MODULES = ("bm", "np", "pd", "plt", "special", "stats", "rdata", "rng")


def text(node: ast.expr) -> str:
    """An expression on one line.

    Examples
    --------
    >>> print(text(ast.parse("f('a', x=1)", mode="eval").body))
    f("a", x=1)
    """
    plain = ast.unparse(ast.fix_missing_locations(node))
    return "".join(_double_quoted(plain))


def lines(head: str, node: ast.expr, tail: str = "", indent: str = "") -> list[str]:
    """An expression between `head` and `tail`, broken into lines where it is too long.

    Examples
    --------
    >>> lines("x = ", ast.parse("f(1, 2)", mode="eval").body)
    ['x = f(1, 2)']
    """
    whole = f"{indent}{head}{text(node)}{tail}"
    if len(whole) <= WIDTH:
        return [whole]
    if isinstance(node, ast.Call | ast.Subscript) and _links(node) > 1:
        return _chain(head, node, tail, indent)
    if isinstance(node, ast.Call) and (node.args or node.keywords):
        return _call(head, node, tail, indent)
    if isinstance(node, ast.List | ast.Tuple | ast.Dict) and len(text(node)) > 2:
        return _collection(head, node, tail, indent)
    if isinstance(node, ast.Subscript):
        opening = text(node.value)
        if len(opening) < WIDTH // 2:
            return lines(f"{head}{opening}[", node.slice, f"]{tail}", indent)
    if isinstance(node, ast.BinOp) and head.endswith("= "):
        inner = _sum(node, indent + INDENT)
        return [f"{indent}{head}(", *inner, f"{indent}){tail}"]
    if isinstance(node, ast.Lambda):
        parameters = ast.unparse(node.args)
        return lines(f"{head}lambda {parameters}: ", node.body, tail, indent)
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Call):
        return lines(f"{head}{text(node.left)} {_operator(node)} ", node.right, tail, indent)
    return [whole]


def _call(head: str, node: ast.Call, tail: str, indent: str) -> list[str]:
    opening = f"{indent}{head}{text(node.func)}("
    arguments: list[tuple[str, ast.expr]] = [("", argument) for argument in node.args]
    arguments += [(f"{k.arg}=" if k.arg else "**", k.value) for k in node.keywords]
    if len(arguments) == 1 and isinstance(arguments[0][1], ast.Call | ast.List | ast.Dict):
        title, value = arguments[0]
        if not title and not isinstance(value, ast.Call):
            return lines(f"{head}{text(node.func)}(", value, f"){tail}", indent)
    one_line = f"{indent}{INDENT}" + ", ".join(title + text(value) for title, value in arguments)
    if len(one_line) <= WIDTH:
        return [opening, one_line, f"{indent}){tail}"]
    comma = "," if len(arguments) > 1 else ""
    inner = [
        line for title, value in arguments for line in lines(title, value, comma, indent + INDENT)
    ]
    if isinstance(node.args[0] if node.args else None, ast.GeneratorExp):
        inner = _generator(node.args[0], indent + INDENT)
    return [opening, *inner, f"{indent}){tail}"]


def _generator(node: ast.expr, indent: str) -> list[str]:
    assert isinstance(node, ast.GeneratorExp)
    loop = node.generators[0]
    first = lines("", node.elt, "", indent)
    names = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    variables = ", ".join(text(name) for name in names)
    return [*first, f"{indent}for {variables} in {text(loop.iter)}"]


def _collection(head: str, node: ast.expr, tail: str, indent: str) -> list[str]:
    brackets = {ast.List: ("[", "]"), ast.Tuple: ("(", ")"), ast.Dict: ("{", "}")}
    opening, closing = brackets[type(node)]
    if isinstance(node, ast.Dict):
        both = zip(node.keys, node.values, strict=True)
        pairs = [(f"{text(key)}: " if key else "**", value) for key, value in both]
    else:
        assert isinstance(node, ast.List | ast.Tuple)
        pairs = [("", element) for element in node.elts]
    inner = [line for title, value in pairs for line in lines(title, value, ",", indent + INDENT)]
    return [f"{indent}{head}{opening}", *inner, f"{indent}{closing}{tail}"]


def _links(node: ast.expr) -> int:
    """How many method calls follow one another."""
    return sum(link.startswith(".") and link.endswith("(") for link, _ in _taken_apart(node)[1])


def _taken_apart(node: ast.expr) -> tuple[ast.expr, list[tuple[str, ast.expr]]]:
    """What a chain begins with, and its links: ``.name(``, ``.name`` or ``[``, and the node."""
    links: list[tuple[str, ast.expr]] = []
    while True:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inner = node.func.value
            if _of_module(inner):
                break
            links.append((f".{node.func.attr}(", node))
            node = inner
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name):
                break
            links.append((f".{node.attr}", node))
            node = node.value
        elif isinstance(node, ast.Subscript):
            links.append(("[", node))
            node = node.value
        else:
            break
    return node, links[::-1]


def _of_module(node: ast.expr) -> bool:
    """Whether this is a module, or what lies in one: pd, pd.MultiIndex."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in _MODULES


def _chain(head: str, node: ast.expr, tail: str, indent: str) -> list[str]:
    """One method call a line; brackets and attributes stay behind what they belong to."""
    base, links = _taken_apart(node)
    assigned = head.endswith("= ") or head == "return "
    inside = indent + INDENT if assigned else indent
    found = lines("" if assigned else head, base, "", inside)
    pending = ""
    for i, (link, part) in enumerate(links):
        last = i == len(links) - 1
        if isinstance(part, ast.Call):
            bare = ast.Call(ast.Name(link[1:-1]), part.args, part.keywords)
            found += lines(f"{pending}.", bare, tail if last and not assigned else "", inside)
            pending = ""
        elif isinstance(part, ast.Subscript):
            piece = text(ast.Subscript(ast.Name("x"), part.slice))[1:]
            if pending:
                found.append(f"{inside}{pending}{piece}")
                pending = ""
            else:
                found[-1] += piece
            found[-1] += tail if last and not assigned else ""
        else:
            pending = link
            if last:
                found.append(f"{inside}{link}" + ("" if assigned else tail))
    if assigned:
        return [f"{indent}{head}(", *found, f"{indent}){tail}"]
    return found


def _sum(node: ast.BinOp, indent: str) -> list[str]:
    parts: list[tuple[str, ast.expr]] = []
    left: ast.expr = node
    kind = type(node.op)
    while isinstance(left, ast.BinOp) and type(left.op) is kind:
        parts.append((_operator(left), left.right))
        left = left.left
    found = lines("", left, "", indent)
    for operator, value in reversed(parts):
        found += lines(f"{operator} ", value, "", indent)
    return found


def _operator(node: ast.BinOp) -> str:
    return text(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-2]


def _double_quoted(plain: str) -> list[str]:
    """The text in pieces, its constants in double quotes where they hold none."""
    found: list[str] = []
    at = 0
    for start, end in _texts(plain):
        body = plain[start:end]
        quote = body.find("'")
        if quote in (0, 1) and body[:quote] in ("", "f") and '"' not in body:
            inner = body[quote + 1 : -1].replace("\\'", "'")
            found += [plain[at:start], f'{body[:quote]}"{inner}"']
            at = end
    return [*found, plain[at:]]


def _texts(plain: str) -> Iterator[tuple[int, int]]:
    """Where texts begin and end; those with fields are one token up to Python 3.11, then many."""
    opening = getattr(tokenize, "FSTRING_START", None)
    closing = getattr(tokenize, "FSTRING_END", None)
    depth = begun = 0
    for token in tokenize.generate_tokens(io.StringIO(plain).readline):
        if token.start[0] > 1:
            continue
        if token.type == opening:
            begun = token.start[1] if not depth else begun
            depth += 1
        elif token.type == closing:
            depth -= 1
            if not depth:
                yield begun, token.end[1]
        elif token.type == tokenize.STRING and not depth:
            yield token.start[1], token.end[1]
