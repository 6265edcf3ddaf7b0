"""Limits of several statistics at once."""

from collections.abc import Mapping
from typing import Any

from parity.probes.intervals import boot_of
from parity.probes.probe import Probe
from parity.probes.statistics import statistic_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    boot = boot_of(inputs, list(statistic_of(inputs["statistics"])(fit)))
    return Value.of(boot.confint(level=inputs["level"], type=inputs["type_of_interval"]))


PROBE = Probe(
    name="confint",
    what="confint of R's replicates",
    package="bootmlm",
    r="confint(replicates, level, type)",
    python="R's replicates .confint(level=..., type=...)",
    compute=_compute,
    takes=("t", "t0"),
    record="boot",
)
