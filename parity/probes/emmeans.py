"""Marginal means and their differences by emmeans."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.effects import ddf_of
from parity.probes.probe import Probe
from parity.values import Value

_LIMITS = ["lower", "upper"]
_TESTS = ["t value", "Pr(>|t|)"]


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    at = {inputs["at_column"]: inputs["at"]} if "at" in inputs else None
    pairwise = inputs["pairwise"]
    found = bm.emmeans(
        fit,
        inputs["specs"],
        at=at,
        ddf=ddf_of(inputs),
        level=inputs["level"],
        pairwise=pairwise,
        adjust="tukey" if pairwise else "none",
    ).frame
    # R shows tests of differences and limits of means.
    return Value.of(found.drop(columns=_LIMITS if pairwise else _TESTS))


PROBE = Probe(
    name="emmeans",
    what="marginal means",
    package="emmeans",
    r="emmeans(m, specs, at, lmer.df, level), contrast(..., adjust)",
    python="emmeans(fit, specs, at=..., ddf=..., level=..., pairwise=..., adjust=...)",
    compute=_compute,
    record="beside",
)
