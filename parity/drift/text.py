"""What changed, for machines."""

import json
import math
from typing import Any

from parity.drift.changes import Change, Drift, Kind
from parity.drift.movement import Movement
from parity.drift.snapshot import Entry

FORMAT = 1


def drift_text(drift: Drift) -> str:
    """Write what changed as JSON; NaN and infinities as texts, as in reports."""
    document = {
        "diff": FORMAT,
        "before": drift.before.name,
        "after": drift.after.name,
        "regression": drift.regressed,
        "counts": {
            **{str(kind): len(drift.of_kind(kind)) for kind in Kind},
            "unchanged": drift.unchanged,
        },
        "deviations_newly_without_cases": list(drift.dead),
        "versions": [vars(change) for change in drift.versions],
        "changes": [_change(change) for change in drift.changes],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def _change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": str(change.kind),
        "what": change.what,
        "beyond_tolerance": change.beyond,
        "times_tolerance": _finite(change.size),
        "before": _entry(change.before),
        "after": _entry(change.after),
        "r": _movement(change.r),
        "python": _movement(change.python),
    }


def _entry(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "verdict": str(entry.verdict),
        "digits": entry.digits,
        "deviation": entry.deviation,
        "reason": entry.reason,
    }


def _movement(movement: Movement | None) -> dict[str, Any] | None:
    if movement is None:
        return None
    return {
        name: _finite(value) if isinstance(value, float) else value
        for name, value in vars(movement).items()
    }


def _finite(x: float) -> float | str:
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Inf" if x > 0 else "-Inf"
