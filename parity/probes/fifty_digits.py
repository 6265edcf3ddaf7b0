"""The estimates at a theta, both sides against 50-digit arithmetic on R's own rows."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of({"criterion": fit.criterion, "sigma": fit.sigma, **fit.fixef.to_dict()})


PROBE = Probe(
    name="fifty_digits",
    what="criterion, sigma and fixed effects, in 50-digit arithmetic",
    package="lme4",
    r="c(if (isREML(m)) REMLcrit(m) else deviance(m), sigma(m), fixef(m))",
    python="fit.criterion, fit.sigma, fit.fixef",
    compute=_compute,
    judge="fifty_digits",
    record="referee",
)
