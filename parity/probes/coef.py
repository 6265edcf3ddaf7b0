"""Coefficients of every level of every factor."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(
        {
            f"{factor}|{level}|{name}": number
            for factor, frame in fit.coef().items()
            for name in frame.columns
            for level, number in frame[name].items()
        }
    )


PROBE = Probe(
    name="coef",
    what="coefficients of every group",
    package="lme4",
    r="coef(m)",
    python="fit.coef()",
    compute=_compute,
    record="methods",
)
