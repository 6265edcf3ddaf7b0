"""Responses resampled by the residual types and the REB."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.resampled import as_value, resampled
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return as_value(fit, resampled(fit, inputs))


PROBE = Probe(
    name="responses",
    what="resampled responses",
    package="bootmlm",
    r="set.seed(seed); bootmlm:::.resid_resample(m, nsim, type) or .reb_resample",
    python="the plan's apply(draw(RStream(seed)))",
    compute=_compute,
    record="boot",
)
