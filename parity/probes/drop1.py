"""What each term of the fixed effects is worth; probabilities by their logarithm."""

from collections.abc import Mapping
from typing import Any

from parity.probes.log10 import log10
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    frame = fit.drop1(inputs.get("scope"), test="Chisq", k=inputs["k"]).frame
    frame["log10 p"] = log10(frame["Pr(Chi)"])
    return Value.of(frame[["AIC", "npar", "LRT", "log10 p"]])


PROBE = Probe(
    name="drop1",
    what="single term deletions",
    package="lme4",
    r='drop1(m, scope, test = "Chisq", k)',
    python='fit.drop1(scope, test="Chisq", k=...)',
    compute=_compute,
    at_own_optimum=True,
    record="methods",
)
