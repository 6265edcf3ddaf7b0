"""Means of a factor's levels by lmerTest, and their differences."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.effects import ddf_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.emmeans(
        fit,
        inputs["specs"],
        ddf=ddf_of(inputs),
        level=inputs["level"],
        pairwise=inputs["pairwise"],
    )
    return Value.of(found.frame)


PROBE = Probe(
    name="ls_means",
    what="marginal means of a factor",
    package="lmerTest",
    r="ls_means(as_lmerModLmerTest(m), which, level, ddf, pairwise)",
    python="emmeans(fit, specs, ddf=..., level=..., pairwise=...)",
    compute=_compute,
    record="tests",
)
