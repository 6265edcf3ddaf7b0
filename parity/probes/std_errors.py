"""Standard errors of the fixed effects."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.std_errors)


PROBE = Probe(
    name="std_errors",
    what="standard errors of the fixed effects",
    package="lme4",
    r='coef(summary(m))[, "Std. Error"]',
    python="fit.std_errors",
    compute=_compute,
)
