"""Import a library when it is asked for, or say what to install."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any

from parity.errors import ImplementationError


def library(module: str, distribution: str) -> Any:
    """Return a module of an optional library.

    Raises
    ------
    ImplementationError
        If it cannot be imported; names what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        message = (
            f"the implementation needs `{module}`, which could not be imported ({error}); install "
            f"it with `python -m pip install {distribution}`"
        )
        raise ImplementationError(message) from error


def versions_of(*distributions: str) -> Mapping[str, str]:
    """Return the versions of installed distributions by their names."""
    return {name: version(name) for name in distributions}
