"""Statistics of a fit that both sides compute: those with a name, and a user's own.

R's are in ``influence.R`` and ``statistic.R`` under the same names.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from parity.errors import CaseError
from parity.values import Names, Value
from pybootmlm.inference.statistics import STATISTICS
from pybootmlm.lmm.statistic import named_values

Statistic = Callable[[Any], Any]

_CALLABLES: dict[str, Statistic] = {}


def statistic_of(names: Sequence[str]) -> Callable[[Any], dict[str, float]]:
    """Combine statistics into one function of a fit that returns named numbers."""
    check_names(names)

    def statistic(fit: Any) -> dict[str, float]:
        combined: dict[str, float] = {}
        for name in names:
            combined |= {str(key): float(x) for key, x in STATISTICS[name](fit).items()}
        return combined

    return statistic


def chosen_statistic(inputs: Mapping[str, Any]) -> Callable[[Any], Value] | None:
    """Return the statistics that a case asks for, by names and a user's own; None without any."""
    parts: list[Statistic] = []
    if "statistics" in inputs:
        parts.append(statistic_of(inputs["statistics"]))
    if "python_statistic" in inputs:
        parts.append(load_function(inputs["python_statistic"]))
    if not parts:
        return None

    def statistic(fit: Any) -> Value:
        found = [named_values(part, fit) for part in parts]
        values = np.concatenate([numbers for _, numbers in found])
        names = [name for labels, _ in found for name in labels]
        return Value.of(values, names=None if any(map(_unnamed, found)) else names)

    return statistic


def extra_statistic(inputs: Mapping[str, Any], fit: Any) -> tuple[Names, Statistic]:
    """Return a case's statistics as more numbers of a replicate, and their names if any."""
    compute = chosen_statistic(inputs)
    if compute is None:
        return (), lambda _fit: ()
    labels = compute(fit).rows
    names = None if labels is None else tuple(f"statistic {label}" for label in labels)
    return names, lambda fit: compute(fit).numbers


def check_names(names: Sequence[str]) -> None:
    """Refuse a name that is no statistic of both sides."""
    for name in names:
        if name not in STATISTICS:
            message = (
                f"there is no statistic '{name}' on both sides; there are "
                f"{', '.join(STATISTICS)}. For one of your own give a Python function and the same "
                "in R (`--statistic module:function --r-statistic 'function(x) ...'`)"
            )
            raise CaseError(message)


def register(function: Statistic) -> str:
    """Give a function of this session a name by which a case can ask for it."""
    module = getattr(function, "__module__", None) or "session"
    name = f"{module}:{getattr(function, '__qualname__', type(function).__name__)}"
    _CALLABLES[name] = function
    return name


def load_function(name: str) -> Statistic:
    """Return the function that ``module:function`` names, imported if need be.

    Raises
    ------
    CaseError
        There is no such module or function.

    Examples
    --------
    >>> load_function("math:sqrt")(9.0)
    3.0
    """
    if name in _CALLABLES:
        return _CALLABLES[name]
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        message = f"a statistic of your own must read like 'module:function'; got '{name}'"
        raise CaseError(message)
    try:
        function: Any = import_module(module)
        for part in attribute.split("."):
            function = getattr(function, part)
    except (ImportError, AttributeError) as error:
        folders = ", ".join(folder or "the present folder" for folder in sys.path[:2])
        message = f"the statistic '{name}' cannot be had: {error}; modules are looked for in "
        raise CaseError(message + f"{folders} and where Python's packages are") from error
    if not callable(function):
        message = f"the statistic '{name}' must be a function of a fit; it is {function!r}"
        raise CaseError(message)
    return function  # type: ignore[no-any-return]


def _unnamed(found: tuple[list[str], object]) -> bool:
    """Say whether these are the names that numbers without names are given."""
    names = found[0]
    return names == [f"t{i + 1}" for i in range(len(names))]
