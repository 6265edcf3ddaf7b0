"""BCa limits of several statistics at once, with influence values a column a statistic."""

from collections.abc import Mapping
from typing import Any

from parity.probes.intervals import boot_of
from parity.probes.probe import Probe
from parity.probes.statistics import statistic_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    boot = boot_of(inputs, list(statistic_of(inputs["statistics"])(fit)))
    return Value.of(boot.confint(level=inputs["level"], type="bca", L=inputs["L"].numbers))


PROBE = Probe(
    name="confint_bca",
    what="BCa confint of R's replicates, L a matrix",
    package="bootmlm",
    r='confint(replicates, level, "bca", L = empinf_merm(m, FUN))',
    python="R's replicates .confint(level=..., type='bca', L=R's)",
    compute=_compute,
    takes=("t", "t0", "L"),
    record="boot",
)
