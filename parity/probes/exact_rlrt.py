"""The exact restricted likelihood-ratio test of one variance, value by value."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.ratios import other_fit, values_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    rng = bm.RStream(inputs["seed"])
    if "smaller" not in inputs:
        return values_of(bm.exact_rlrt(fit, nsim=inputs["nsim"], rng=rng))
    smaller, alone = (other_fit(fit, inputs[name]) for name in ("smaller", "alone"))
    return values_of(bm.exact_rlrt(alone, fit, smaller, nsim=inputs["nsim"], rng=rng))


PROBE = Probe(
    name="exact_rlrt",
    what="the exact restricted likelihood-ratio test",
    package="RLRsim",
    r="set.seed(seed); exactRLRT(m, mA, m0, nsim)",
    python="exact_rlrt(fit, larger, smaller, nsim=..., rng=RStream(seed))",
    compute=_compute,
    record="tests",
)
