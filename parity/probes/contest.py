"""Contrasts of the fixed effects, tested together or one by one."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.effects import contrasts_of, ddf_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.contest(
        fit,
        contrasts_of(fit, inputs),
        rhs=inputs["rhs"],
        joint=inputs["joint"],
        ddf=ddf_of(inputs),
        level=inputs["level"],
    ).frame
    return Value.of(found.reset_index(drop=True))


PROBE = Probe(
    name="contest",
    what="tests of contrasts",
    package="lmerTest",
    r="contest(as_lmerModLmerTest(m), L, rhs, joint, ddf, level)",
    python="contest(fit, L, rhs=..., joint=..., ddf=..., level=...)",
    compute=_compute,
    record="tests",
)
