"""Covariance matrix of the fixed effects."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.vcov)


PROBE = Probe(
    name="vcov",
    what="covariance matrix of the fixed effects",
    package="lme4",
    r="vcov(m)",
    python="fit.vcov",
    compute=_compute,
)
