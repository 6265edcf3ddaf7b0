"""Responses made of the normal deviates that lme4 drew in R."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.resampled import as_value, plan_of
from parity.values import Value
from pybootmlm.resampling.parametric import Normals


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    drawn, nsim = inputs["draws"].numbers, inputs["nsim"]
    effects = nsim * fit.b.size
    u, e = drawn[:effects].reshape(nsim, -1), drawn[effects:].reshape(nsim, -1)
    return as_value(fit, plan_of(fit, inputs).apply(Normals(u, e)))


PROBE = Probe(
    name="replayed_normals",
    what="simulated responses from R's own normal deviates",
    package="lme4",
    r="lme4's draws, caught by trace(rnorm), and simulate(m, nsim)",
    python="the parametric plan's apply(R's draws)",
    compute=_compute,
    takes=("draws",),
    record="boot",
)
