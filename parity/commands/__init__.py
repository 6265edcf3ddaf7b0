"""The verbs of the command ``parity``, a file each: its options and what it does."""

from types import ModuleType

from parity.commands import listing, record, run

VERBS: tuple[ModuleType, ...] = (run, listing, record)

__all__ = ["VERBS"]
