"""Deviance (ML) or REML criterion at theta."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.criterion)


PROBE = Probe(
    name="criterion",
    what="deviance (ML) or REML criterion at theta",
    package="lme4",
    r="if (isREML(m)) REMLcrit(m) else deviance(m)",
    python="fit.criterion",
    compute=_compute,
)
