"""From what a user writes to an implementation: a known library, or ``module:factory``."""

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from parity.errors import ImplementationError, ParityError
from parity.implementation import Implementation
from parity.implementations.gpboost import Gpboost
from parity.implementations.interlace import Interlace
from parity.implementations.lme_python import LmePython
from parity.implementations.mixedlm import Mixedlm
from parity.implementations.mixedlm_rs import MixedlmRs
from parity.implementations.native import Native
from parity.implementations.statsmodels import Statsmodels

KNOWN: Mapping[str, Callable[[], Implementation]] = {
    "pybootmlm": Native,
    "statsmodels": Statsmodels,
    "mixedlm": Mixedlm,
    "mixedlm_rs": MixedlmRs,
    "lme_python": LmePython,
    "interlace": Interlace,
    "gpboost": Gpboost,
    # The same libraries, told to look harder than by default.
    "statsmodels-strict": lambda: Statsmodels(strict=True),
    "mixedlm-strict": lambda: Mixedlm(strict=True),
    "lme_python-strict": lambda: LmePython(strict=True),
    "interlace-strict": lambda: Interlace(strict=True),
    "gpboost-strict": lambda: Gpboost(strict=True),
}
_VERBS = ("versions", "fit", "compute")


def implementation_of(spec: str) -> Implementation:
    """Return a library that parity knows, or what a factory of the user's makes.

    Parameters
    ----------
    spec
        ``"statsmodels"`` and the like, or ``"module:factory"``; modules of the working
        directory are found too.

    Raises
    ------
    ImplementationError
        If there is no such library, module or factory, or what it makes lacks a method.

    Examples
    --------
    >>> implementation_of("pybootmlm").name
    'pybootmlm'
    """
    if spec in KNOWN:
        return KNOWN[spec]()
    if ":" not in spec:
        message = (
            f"`--implementation {spec}` is no library that parity knows ({', '.join(KNOWN)}) and "
            "not of the form module:factory"
        )
        raise ImplementationError(message)
    factory = _factory(spec)
    try:
        made = factory()
    except ParityError:
        raise
    except Exception as error:
        message = f"`{spec}` could not be called without arguments: {_said(error)}"
        raise ImplementationError(message) from error
    return _checked(made, spec)


def _factory(spec: str) -> Callable[[], Any]:
    module, _, name = spec.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        home = import_module(module)
    except Exception as error:
        message = (
            f"`--implementation {spec}`: the module '{module}' could not be imported "
            f"({_said(error)}); it must be installed, or lie in the working directory"
        )
        raise ImplementationError(message) from error
    factory = getattr(home, name, None)
    if not callable(factory):
        public = [n for n, thing in vars(home).items() if callable(thing) and n[0] != "_"]
        what = "is not callable" if hasattr(home, name) else "is not there"
        message = (
            f"`--implementation {spec}`: '{name}' of the module '{module}' {what}; what can be "
            f"called there is {', '.join(public) or 'nothing'}"
        )
        raise ImplementationError(message)
    return cast("Callable[[], Any]", factory)


def _checked(made: Any, spec: str) -> Implementation:
    lacking = [verb for verb in _VERBS if not callable(getattr(made, verb, None))]
    if not isinstance(getattr(made, "name", None), str):
        lacking.insert(0, "name")
    if lacking:
        message = (
            f"`{spec}` made an object of type {type(made).__name__} without "
            f"{', '.join(f'`{part}`' for part in lacking)}; an implementation has a text `name` "
            f"and the methods {', '.join(f'`{verb}`' for verb in _VERBS)} (see "
            "parity.implementation.Implementation)"
        )
        raise ImplementationError(message)
    versions = made.versions()
    if not isinstance(versions, Mapping):
        message = (
            f"`versions` of `{spec}` must give a mapping of names to versions; it gave "
            f"{type(versions).__name__}"
        )
        raise ImplementationError(message)
    return cast("Implementation", made)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
