"""Limits of one of several statistics, by its number."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.statistics import statistic_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    boot = bm.bootstrap_mer(
        fit,
        statistic_of(inputs["statistics"]),
        inputs["nsim"],
        type=inputs["type"],
        rng=bm.RStream(inputs["seed"]),
    )
    return Value.of(boot.confint(inputs["parm"], level=inputs["level"], type="perc"))


PROBE = Probe(
    name="confint_parm",
    what="confint of one statistic by its number",
    package="bootmlm",
    r="confint(replicates, parm = 2)",
    python="replicates.confint(parm=1)",
    compute=_compute,
    record="boot",
)
