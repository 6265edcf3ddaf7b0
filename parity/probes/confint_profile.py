"""Profile limits."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.confint(level=inputs["level"]))


PROBE = Probe(
    name="confint_profile",
    what="profile confidence limits",
    package="lme4",
    r="confint(profile(m), level)",
    python="fit.confint(level=...)",
    compute=_compute,
    judge="limits",
    at_own_optimum=True,
    record="methods",
)
