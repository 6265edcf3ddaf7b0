"""lme4's own deviance function on a grid of theta."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of([fit.at_theta(theta).criterion for theta in inputs["points"].numbers])


PROBE = Probe(
    name="devfun_lme4",
    what="deviance function on a grid of theta",
    package="lme4",
    r="update(m, devFunOnly = TRUE)(theta)",
    python="fit.at_theta(theta).criterion",
    compute=_compute,
    takes=("points",),
)
