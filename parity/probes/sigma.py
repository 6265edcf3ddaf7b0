"""Residual standard deviation."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.sigma)


PROBE = Probe(
    name="sigma",
    what="residual standard deviation",
    package="lme4",
    r="sigma(m)",
    python="fit.sigma",
    compute=_compute,
)
