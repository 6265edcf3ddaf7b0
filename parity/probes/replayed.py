"""Data made of the index draws that bootmlm made in R."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.resampled import as_value, replayed
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return as_value(fit, replayed(fit, inputs))


PROBE = Probe(
    name="replayed",
    what="resampled data from R's own index draws",
    package="bootmlm",
    r="bootmlm's draws, caught by trace(sample.int), and its data",
    python="the plan's apply(R's draws)",
    compute=_compute,
    takes=("draws", "lengths"),
    record="boot",
)
