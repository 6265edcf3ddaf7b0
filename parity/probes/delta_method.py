"""Standard errors by the delta method."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.delta_method(fit, inputs["statistic"]).frame
    return Value.of(found[["Std. Error", "Estimate"]].to_numpy())


PROBE = Probe(
    name="delta_method",
    what="standard errors by the delta method",
    package="lme4",
    r="numDeriv::jacobian(statistic), numDeriv::hessian(criterion), vcov(m)",
    python="delta_method(fit, statistic)",
    compute=_compute,
    record="tests",
)
