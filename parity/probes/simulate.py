"""Responses simulated from the fitted model."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.resampled import as_value, resampled
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return as_value(fit, resampled(fit, inputs))


PROBE = Probe(
    name="simulate",
    what="responses of the parametric bootstrap",
    package="lme4",
    r="set.seed(seed); simulate(m, nsim, use.u = FALSE)",
    python="the parametric plan's apply(draw(RStream(seed)))",
    compute=_compute,
    record="boot",
)
