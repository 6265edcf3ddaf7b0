"""Data sets of resampled clusters."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.resampled import as_value, resampled
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return as_value(fit, resampled(fit, inputs))


PROBE = Probe(
    name="case_rows",
    what="rows and clusters of the case bootstrap",
    package="bootmlm",
    r="set.seed(seed); bootmlm:::.case_resample(m, nsim, lv1_resample)",
    python="the case plan's apply(draw(RStream(seed)))",
    compute=_compute,
    record="boot",
)
