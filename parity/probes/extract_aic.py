"""The number of parameters and the criterion of the fit by maximum likelihood."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    parameters, aic = fit.extract_aic(inputs["k"])
    return Value.of({"edf": parameters, "AIC": aic})


PROBE = Probe(
    name="extract_aic",
    what="extractAIC",
    package="lme4",
    r="extractAIC(m, k = k)",
    python="fit.extract_aic(k)",
    compute=_compute,
    at_own_optimum=True,
    record="methods",
)
