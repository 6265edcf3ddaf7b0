"""The errors from which bootstraps draw: reflated, rescaled, decorrelated, or least squares."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.resampled import plan_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    plan = plan_of(fit, inputs)
    kind = inputs["type"]
    errors = plan.zeta if kind == "residual_trans" else plan.errors
    numbers = errors[plan.by_cluster] if kind == "reb" else errors
    return Value.of(numbers, names=[str(i + 1) for i in range(len(numbers))])


PROBE = Probe(
    name="error_pool",
    what="errors to be drawn from",
    package="bootmlm",
    r="bootmlm:::get_reflate_e(m), get_reflate_e_cgr(m), get_zeta(r, R), get_reb_resid(m, ...)$el",
    python="the plan's errors or zeta",
    compute=_compute,
    record="boot",
)
