"""What makes two runs the same run: data, functions, seeds and versions, in a few characters."""

import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import partial
from types import CodeType
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

# Characters of a digest in a message; runs are told apart by this many, 64 bits.
SHOWN = 16
PLAIN = (int, float, complex, str, bytes, bool, type(None))


def digest_of(*parts: str | NDArray[Any] | None) -> str:
    """A digest of arrays and texts.

    Examples
    --------
    >>> digest_of(np.arange(3.0)) == digest_of(np.arange(3.0)) != digest_of(np.arange(4.0))
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype.str}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:SHOWN]


def function_identity(function: Callable[..., Any]) -> str:
    """Name of a function, and a digest of its code and of the plain values that it holds.

    What it calls, and the objects that it holds, are not looked into.

    Examples
    --------
    >>> function_identity(lambda fit: fit.sigma) == function_identity(lambda fit: fit.sigma)
    True
    >>> function_identity(lambda fit: fit.sigma) == function_identity(lambda fit: fit.theta)
    False
    """
    if isinstance(function, partial):
        held = repr([_plain(value) for value in (*function.args, *function.keywords.items())])
        return f"partial of {function_identity(function.func)} with {digest_of(held)}"
    name = getattr(function, "__qualname__", type(function).__qualname__)
    code = getattr(function, "__code__", None)
    if code is None:  # an object that can be called
        code = getattr(vars(type(function)).get("__call__"), "__code__", None)
    if code is None:
        return str(name)
    if is_dataclass(function):  # its fields are what it holds
        return f"{function!r} ({digest_of(_code(code))})"
    cells = [_contents(cell) for cell in getattr(function, "__closure__", None) or ()]
    defaults = [_plain(value) for value in getattr(function, "__defaults__", None) or ()]
    return f"{name} ({digest_of(_code(code), repr(cells), repr(defaults))})"


def _contents(cell: Any) -> str:
    try:
        return _plain(cell.cell_contents)
    except ValueError:  # not filled yet
        return "empty"


def _plain(value: Any) -> str:
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, tuple | list):
        return repr([_plain(item) for item in value])
    if isinstance(value, np.ndarray) and value.dtype != object:
        return digest_of(value)
    return type(value).__qualname__


def _code(code: CodeType) -> str:
    """Instructions, names and constants; not where they stand, nor what addresses say."""
    constants = [
        _code(constant) if isinstance(constant, CodeType) else repr(constant)
        for constant in code.co_consts
    ]
    return repr((code.co_code.hex(), code.co_names, code.co_varnames, constants))


def generator_identity(rng: np.random.Generator) -> str:
    """A digest of where a NumPy Generator stands."""
    return digest_of(json.dumps(rng.bit_generator.state, default=np.ndarray.tolist))


def versions() -> str:
    """What was computed with: the same seed gives the same bits under the same versions."""
    from importlib.metadata import version  # here, because it takes a while

    own, python = version("pybootmlm"), ".".join(platform.python_version_tuple()[:2])
    return (
        f"pybootmlm {own}, NumPy {np.__version__}, SciPy {scipy.__version__}, Python {python}, "
        f"{platform.machine()}"
    )
