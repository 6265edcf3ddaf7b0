"""Asymptotic covariance of the variance components."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(bm.vcov_vc(fit, sd_cor=inputs["sd_cor"]))


PROBE = Probe(
    name="vcov_vc",
    what="asymptotic covariance of the variance components",
    package="bootmlm",
    r="bootmlm::vcov_vc(m, sd_cor)",
    python="vcov_vc(fit, sd_cor=...)",
    compute=_compute,
    judge="hessian",
)
