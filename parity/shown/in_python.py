"""Run the Python code of an example."""

import ast
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from parity.shown.example import Item, Items


def run_python(code: str) -> Items:
    r"""Return the value of the last expression of some code, as a flat tuple.

    Examples
    --------
    >>> run_python("x = [1, 2]\nsum(x), 'three'")
    (3.0, 'three')
    """
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), "the last line of an example is an expression"
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(tree, "<example>", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "<example>", "eval"), names)
    return tuple(_items(value))


def _items(value: Any) -> Iterator[Item]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool | np.bool_):
        yield bool(value)
    elif isinstance(value, pd.DataFrame | np.ndarray):
        # Down the columns, as R's matrices lie.
        yield from _items(np.asarray(value).ravel(order="F").tolist())
    elif isinstance(value, pd.Series | pd.Index):
        yield from _items(value.tolist())
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _items(item)
    else:
        yield float(value)
