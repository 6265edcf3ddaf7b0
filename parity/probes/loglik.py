"""Log-likelihood, restricted for REML."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.loglik)


PROBE = Probe(
    name="loglik",
    what="log-likelihood, restricted for REML",
    package="lme4",
    r="logLik(m)",
    python="fit.loglik",
    compute=_compute,
)
