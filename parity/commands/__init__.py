"""The verbs of the command ``parity``, a file each: its options and what it does."""

from types import ModuleType

from parity.commands import diff, listing, record, run

VERBS: tuple[ModuleType, ...] = (run, diff, listing, record)

__all__ = ["VERBS"]
