"""Our exact profile at the values at which R computed its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    """Rise of the deviance at each point, with zeta's sign: zeta times its magnitude."""
    points = inputs["points"]
    profile = fit.profile(sorted(set(points.rows)), grid=False)
    zeta = np.array(
        [profile.zeta(name, x) for name, x in zip(points.rows, points.numbers, strict=True)]
    )
    names = [f"{name} {i + 1}" for i, name in enumerate(points.rows)]
    return Value.of(zeta * np.abs(zeta), names=names)


PROBE = Probe(
    name="profile_zeta",
    what="the profile of the deviance",
    package="lme4",
    r="profile(m)",
    python="fit.profile(grid=False).zeta(parameter, R's value)",
    compute=_compute,
    takes=("points",),
    judge="profile_points",
    at_own_optimum=True,
    record="methods",
)
