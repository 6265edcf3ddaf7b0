"""Intervals of predictions from simulated effects."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.predict_interval(
        fit,
        which=inputs["which"],
        level=inputs["level"],
        nsim=inputs["nsim"],
        include_resid_var=inputs["resid_var"],
        rng=inputs["seed"],
    )
    values = {"width": found["upr"] - found["lwr"], "fit": found["fit"]}
    return Value.of(pd.DataFrame(values).reset_index(drop=True))


PROBE = Probe(
    name="predict_interval",
    what="intervals of predictions",
    package="merTools",
    r="predictInterval(m, which, level, n.sims, include.resid.var, seed)",
    python="predict_interval(fit, which=..., level=..., nsim=..., include_resid_var=..., rng=seed)",
    compute=_compute,
    record="beside",
)
