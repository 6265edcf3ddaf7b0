"""The exact likelihood-ratio test of one variance and fixed effects, value by value."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.ratios import values_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    rng = bm.RStream(inputs["seed"])
    return values_of(bm.exact_lrt(fit, inputs["without"], nsim=inputs["nsim"], rng=rng))


PROBE = Probe(
    name="exact_lrt",
    what="the exact likelihood-ratio test",
    package="RLRsim",
    r="set.seed(seed); exactLRT(m, m0, nsim)",
    python="exact_lrt(fit, without, nsim=..., rng=RStream(seed))",
    compute=_compute,
    record="tests",
)
