"""The verbs of the command ``parity``, a file each: its options and what it does."""

from types import ModuleType

from parity.commands import (
    check,
    deviations,
    diff,
    listing,
    record,
    run,
    survey,
    translate,
    validate,
    verify,
)

VERBS: tuple[ModuleType, ...] = (
    run, check, diff, listing, record, deviations, survey, translate, validate, verify,
)  # fmt: skip

__all__ = ["VERBS"]
