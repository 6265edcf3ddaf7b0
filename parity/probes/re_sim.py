"""Random effects with the moments of their draws."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.re_sim(fit, inputs["nsim"], rng=inputs["seed"])
    modes = fit.ranef().to_frame().set_index(["grpvar", "grp", "term"])["condval"]
    keys = list(zip(found["groupFctr"], found["groupID"], found["term"], strict=True))
    centre = modes.loc[keys].to_numpy()
    values = {
        "sd": found["sd"].to_numpy(),
        "shift": (found["mean"].to_numpy() - centre) / found["sd"].to_numpy(),
        "middle": (found["median"].to_numpy() - centre) / found["sd"].to_numpy(),
    }
    return Value.of(pd.DataFrame(values, index=["|".join(key) for key in keys]))


PROBE = Probe(
    name="re_sim",
    what="summaries of simulated effects",
    package="merTools",
    r="REsim(m, n.sims, seed)",
    python="re_sim(fit, nsim, rng=seed)",
    compute=_compute,
    record="beside",
)
