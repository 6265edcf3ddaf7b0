"""The verbs of the command ``parity``, a file each: its options and what it does."""

from types import ModuleType

from parity.commands import check, diff, listing, record, run

VERBS: tuple[ModuleType, ...] = (run, check, diff, listing, record)

__all__ = ["VERBS"]
