"""The parametric-bootstrap likelihood-ratio test, replicate by replicate."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.ratios import other_fit
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.pb_modcomp(
        fit,
        other_fit(fit, inputs["smaller"]),
        nsim=inputs["nsim"],
        rng=bm.RStream(inputs["seed"]),
    )
    tests = found.frame
    p = tests["Pr(>stat)"]
    return Value.of(
        {
            "LRT": found.statistic,
            "df": found.df,
            "LRT p": p["LRT"],
            "PBtest p": p["PBtest"],
            "Gamma p": p["Gamma"],
            "Bartlett": tests.loc["Bartlett", "stat"],
            "Bartlett p": p["Bartlett"],
            "F": tests.loc["F", "stat"],
            "F p": p["F"],
        }
        | {str(i + 1): value for i, value in enumerate(found.reference)}
    )


PROBE = Probe(
    name="pb_modcomp",
    what="the bootstrap likelihood-ratio test",
    package="pbkrtest",
    r="set.seed(seed); PBmodcomp(m, smaller, nsim)",
    python="pb_modcomp(fit, smaller, nsim=..., rng=RStream(seed))",
    compute=_compute,
    at_own_optimum=True,
    record="tests",
)
