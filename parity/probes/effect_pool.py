"""The random effects from which bootstraps draw: reflated, rescaled, or least squares."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.probes.resampled import plan_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    pools = plan_of(fit, inputs).effects
    numbers = np.concatenate([pool.ravel(order="F") for pool in pools])
    return Value.of(numbers, names=[str(i + 1) for i in range(len(numbers))])


PROBE = Probe(
    name="effect_pool",
    what="random effects to be drawn from",
    package="bootmlm",
    r="bootmlm:::get_reflate_b(m), get_reflate_b_cgr(m), get_reb_resid(m, ...)$ml",
    python="the plan's effects",
    compute=_compute,
    record="boot",
)
