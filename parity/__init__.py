"""Proof that pybootmlm and R agree, quantity by quantity."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity.checking import CheckResult, check

__all__ = ["CheckResult", "check"]


def __getattr__(name: str) -> Any:
    """Import `check` when it is asked for: what is parity's own business does not need it."""
    if name in __all__:
        return getattr(import_module("parity.checking"), name)
    message = f"module 'parity' has no attribute '{name}'"
    raise AttributeError(message)
