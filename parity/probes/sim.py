"""Simulated effects: means and standard deviations of the draws."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

import pybootmlm as bm
from parity.probes.draws import moments_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    drawn = bm.sim(fit, inputs["nsim"], rng=inputs["seed"])
    parts = [moments_of(drawn.fixef.to_numpy(), fit.beta, drawn.fixef.columns)]
    modes = fit.ranef()
    for group, values in drawn.ranef.items():
        for k, term in enumerate(drawn.effects[group]):
            names = [f"{group}|{level}|{term}" for level in drawn.levels[group]]
            parts.append(moments_of(values[:, :, k], modes[group][term].to_numpy(), names))
    return Value.of(pd.concat(parts))


PROBE = Probe(
    name="sim",
    what="moments of simulated effects",
    package="arm",
    r="set.seed(seed); sim(m, nsim)",
    python="sim(fit, nsim, rng=seed)",
    compute=_compute,
    record="beside",
)
