"""Limits of a parametric bootstrap, on R's own stream."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(
        fit.confint(
            level=inputs["level"],
            method="boot",
            nsim=inputs["nsim"],
            boot_type=inputs["type"],
            rng=bm.RStream(inputs["seed"]),
        )
    )


PROBE = Probe(
    name="confint_boot",
    what="bootstrap confidence limits",
    package="lme4",
    r='confint(m, method = "boot", nsim, seed, boot.type)',
    python='fit.confint(method="boot", nsim=..., boot_type=..., rng=RStream(seed))',
    compute=_compute,
    at_own_optimum=True,
    record="methods",
)
