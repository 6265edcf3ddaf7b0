"""Asymptotic covariance of theta."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(bm.vcov_theta(fit))


PROBE = Probe(
    name="vcov_theta",
    what="asymptotic covariance of theta",
    package="bootmlm",
    r="bootmlm::vcov_theta(m)",
    python="vcov_theta(fit)",
    compute=_compute,
    judge="hessian",
)
