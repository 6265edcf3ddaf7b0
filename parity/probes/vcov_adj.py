"""Kenward and Roger's covariance matrix of the fixed effects."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(bm.vcov_adj(fit))


PROBE = Probe(
    name="vcov_adj",
    what="the adjusted covariance matrix",
    package="pbkrtest",
    r="vcovAdj(m)",
    python="vcov_adj(fit)",
    compute=_compute,
    record="tests",
)
