"""Matrices: inverse, diagonal, transpose, numerical derivatives, the delta method."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Argument, Call, Function, Node, Symbol
from parity.translate.rules.table import rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator


@rule("solve")
def solve(translator: Translator, node: Call) -> Meaning:
    """The inverse, or the solution of equations."""
    arguments = match(node, ("a", "b"))
    matrix = translator.numeric(arguments.need("a"))
    right = arguments.take("b")
    arguments.done()
    if right is None:
        return Meaning(build.fill("np.linalg.inv(_a)", _a=matrix.code), Kind.MATRIX)
    solved = build.call("np.linalg.solve", matrix.code, translator.numeric(right).code)
    return Meaning(solved, Kind.MATRIX)


@rule("diag")
def diagonal(translator: Translator, node: Call) -> Meaning:
    """The diagonal of a matrix; a diagonal matrix."""
    found = translator.numeric(node.values[0])
    if found.kind is Kind.NUMBER:
        return Meaning(build.fill("np.eye(_x)", _x=found.code), Kind.MATRIX)
    kind = Kind.MATRIX if found.kind in (Kind.VECTOR, Kind.COLUMN) else Kind.VECTOR
    return Meaning(build.fill("np.diag(_x)", _x=found.code), kind)


@rule("t")
def transpose(translator: Translator, node: Call) -> Meaning:
    """Rows for columns."""
    found = translator.numeric(node.values[0])
    return found.with_code(build.fill("_x.T", _x=found.code))


@rule("det")
def determinant(translator: Translator, node: Call) -> Meaning:
    """The determinant."""
    found = translator.numeric(node.values[0])
    return Meaning(build.fill("np.linalg.det(_x)", _x=found.code), Kind.NUMBER, length=1)


@rule("colMeans", "rowMeans", "colSums", "rowSums")
def margins(translator: Translator, node: Call) -> Meaning:
    """Means and sums of columns or rows."""
    arguments = match(node, ("x", "na.rm"))
    found = translator.expression(arguments.need("x"))
    leave_out = arguments.flag("na.rm", False)
    arguments.done()
    axis = build.constant(0 if node.name.startswith("col") else 1)
    what = "mean" if node.name.endswith("Means") else "sum"
    if found.kind in (Kind.FRAME, Kind.TABLE):
        return Meaning(build.call(ast.Attribute(found.code, what), axis=axis), Kind.COLUMN)
    function = f"np.nan{what}" if leave_out else f"np.{what}"
    return Meaning(build.call(function, found.code, axis=axis), Kind.VECTOR)


@rule("apply")
def apply(translator: Translator, node: Call) -> Meaning:
    """A function of every row or column of a matrix."""
    arguments = match(node, ("X", "MARGIN", "FUN", "..."))
    found = translator.expression(arguments.need("X"))
    margin = translator.code(arguments.need("MARGIN"))
    function = arguments.need("FUN")
    rest = tuple(Argument(title, value) for title, value in arguments.rest)
    matrix = found.code
    if found.kind in (Kind.FRAME, Kind.TABLE):
        matrix = build.fill("_x.to_numpy()", _x=matrix)
    if not isinstance(margin, ast.Constant) or margin.value not in (1, 2):
        raise Untranslatable(f"`{deparse(node)}`: MARGIN is not 1 or 2")
    each = matrix if margin.value == 1 else build.fill("_x.T", _x=matrix)
    variable = "row" if margin.value == 1 else "column"
    inner = translator.inner(_of_one(function, variable, rest, node))
    value = inner.numeric(_of_one(function, variable, rest, node).body)
    code = build.fill(
        "np.array([_v for _r in _m])", _v=value.code, _m=each, _r=build.name(variable)
    )
    return Meaning(code, Kind.VECTOR if value.length == 1 else Kind.MATRIX)


def _of_one(function: Node, variable: str, rest: tuple[Argument, ...], node: Call) -> Function:
    """A function of one argument, whatever way it was given."""
    if isinstance(function, Function):
        raise Untranslatable(f"`{deparse(node)}`: name the function before")
    body = Call(function, (Argument(None, Symbol(variable, node.at)), *rest), node.at)
    return Function((Argument(variable, None),), body, node.at)


@rule("hessian")
def numerical_hessian(translator: Translator, node: Call) -> Meaning:
    """numDeriv's Hessian; SciPy's takes a function of many points at once."""
    arguments = match(node, ("func", "x", "method", "method.args"))
    function = translator.of_kind(arguments.need("func"), Kind.DEVIANCE, Kind.FUNCTION)
    at = translator.numeric(arguments.need("x"))
    arguments.done()
    translator.remark("scipy.differentiate is part of SciPy from 1.15 on", once=True)
    pattern = "hessian(lambda x: np.apply_along_axis(_f, 0, x), _x).ddf"
    return Meaning(build.fill(pattern, _f=function.code, _x=at.code), Kind.MATRIX)


@rule("deltamethod")
def delta_method(translator: Translator, node: Call) -> Meaning:
    """msm's: the variance of a function of estimates, whose formula calls them x1, x2, ..."""
    arguments = match(node, ("g", "mean", "cov", "ses"))
    formula = arguments.need("g")
    if not isinstance(formula, Call) or formula.name != "~" or len(formula.values) != 1:
        raise Untranslatable("`g` of deltamethod() is not one formula")
    mean = translator.numeric(arguments.need("mean"))
    covariance = translator.numeric(arguments.need("cov"))
    errors = arguments.flag("ses", True)
    arguments.done()
    inner = translator.inner(Function((Argument("x", None),), formula.values[0], node.at))
    point = inner.scope.python_name("x")
    for i in range(1, 10):
        entry = build.fill(f"{point}[{i - 1}]")
        inner.scope.known[f"x{i}"] = Meaning(entry, Kind.NUMBER)
    body = inner.expression(formula.values[0])
    translator.remark("scipy.differentiate is part of SciPy from 1.15 on", once=True)
    slope = build.fill(f"jacobian(lambda {point}: _g, _m).df", _g=body.code, _m=mean.code)
    held = translator.fresh("slope")
    translator.lines_before(f"{held} = ", slope)
    name = build.name(held)
    variance = build.fill("_s @ _c @ _s", _s=name, _c=covariance.code)
    code = build.fill("np.sqrt(_v)", _v=variance) if errors else variance
    return Meaning(code, Kind.NUMBER, length=1)


@rule("crossprod")
def crossproduct(translator: Translator, node: Call) -> Meaning:
    """t(x) %*% y."""
    left = translator.numeric(node.values[0])
    right = translator.numeric(node.values[-1])
    return Meaning(build.fill("_x.T @ _y", _x=left.code, _y=right.code), Kind.MATRIX)


@rule("matrix")
def matrix(translator: Translator, node: Call) -> Meaning:
    """A matrix, filled by columns as R fills it."""
    arguments = match(node, ("data", "nrow", "ncol", "byrow", "dimnames"))
    data = translator.numeric(arguments.need("data"))
    rows, columns = arguments.take("nrow"), arguments.take("ncol")
    by_row = arguments.flag("byrow", False)
    arguments.done()
    shape = ast.Tuple([
        build.constant(-1) if size is None else translator.code(size) for size in (rows, columns)
    ])  # fmt: skip
    if data.kind is Kind.NUMBER:
        if rows is None or columns is None:
            raise Untranslatable(f"`{deparse(node)}`: give both sizes")
        return Meaning(build.fill("np.full(_s, _x)", _s=shape, _x=data.code), Kind.MATRIX)
    order = None if by_row else build.constant("F")
    reshaped = build.call(ast.Attribute(data.code, "reshape"), shape, order=order)
    return Meaning(reshaped, Kind.MATRIX)
