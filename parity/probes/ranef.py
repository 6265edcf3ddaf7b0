"""Conditional modes of the random effects, named factor|level|coefficient."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    modes = {
        f"{factor}|{level}|{coefficient}": number
        for factor, frame in fit.ranef().items()
        for coefficient in frame.columns
        for level, number in frame[coefficient].items()
    }
    return Value.of(modes)


PROBE = Probe(
    name="ranef",
    what="conditional modes of the random effects",
    package="lme4",
    r="as.data.frame(ranef(m))",
    python="fit.ranef()",
    compute=_compute,
)
