"""A tree as R code again: formulas keep their text, reasons quote what they are about."""

from parity.translate.reading.precedence import BINARY
from parity.translate.reading.tree import Argument, Call, Constant, Function, Node, Symbol

_TIGHT = ("^", ":", "$", "@", "::", ":::")


def deparse(node: Node) -> str:
    """Write a tree as R code on one line.

    Examples
    --------
    >>> from parity.translate.reading.parser import parse
    >>> deparse(parse("y~x+(1|g)").statements[0])
    'y ~ x + (1 | g)'
    """
    match node:
        case Symbol(name=name):
            plain = name.replace(".", "").replace("_", "").isalnum() or not name.strip(".")
            return name if plain else f"`{name}`"
        case Constant():
            return _constant(node)
        case Function(parameters=parameters, body=body):
            listed = ", ".join(_parameter(p) for p in parameters)
            return f"function({listed}) {deparse(body)}"
        case Call():
            return _call(node)


def _constant(node: Constant) -> str:
    value = node.value
    if node.kind == "string":
        text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{text}"'
    if node.kind == "integer":
        return f"{value}L"
    if node.kind == "double":
        assert isinstance(value, int | float)
        return f"{value:.15g}".replace("inf", "Inf").replace("nan", "NaN")
    if node.kind == "complex":
        assert isinstance(value, complex)
        return f"{value.imag:g}i"
    return {"null": "NULL", "na": "NA"}.get(node.kind, "TRUE" if value is True else "FALSE")


def _parameter(parameter: Argument) -> str:
    default = "" if parameter.value is None else f" = {deparse(parameter.value)}"
    return f"{parameter.name}{default}"


def _call(node: Call) -> str:
    name = node.function.name if isinstance(node.function, Symbol) else ""
    values = node.values
    if name == "(":
        return f"({deparse(values[0])})"
    if name == "{":
        return "{ " + "; ".join(map(deparse, values)) + " }"
    if name in ("[", "[["):
        inner = ", ".join(map(_argument, node.arguments[1:]))
        return f"{deparse(values[0])}{name}{inner}{']' if name == '[' else ']]'}"
    if (name in BINARY or name.startswith("%")) and len(values) == 2:
        space = "" if name in _TIGHT else " "
        return f"{deparse(values[0])}{space}{name}{space}{deparse(values[1])}"
    if name in ("-", "+", "!", "~", "?") and len(values) == 1:
        return f"{name}{deparse(values[0])}"
    if name == "if":
        otherwise = f" else {deparse(values[2])}" if len(values) > 2 else ""
        return f"if ({deparse(values[0])}) {deparse(values[1])}{otherwise}"
    if name in ("break", "next"):
        return name
    if name in ("for", "while"):
        head = f"{deparse(values[0])} in {deparse(values[1])}" if name == "for" else ""
        return f"{name} ({head or deparse(values[0])}) {deparse(values[-1])}"
    return f"{deparse(node.function)}({', '.join(map(_argument, node.arguments))})"


def _argument(argument: Argument) -> str:
    value = "" if argument.value is None else deparse(argument.value)
    return value if argument.name is None else f"{argument.name} = {value}"
