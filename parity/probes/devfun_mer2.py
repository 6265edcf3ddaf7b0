"""bootmlm's deviance as a function of theta, on a grid."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    deviance = bm.devfun_mer2(fit)
    return Value.of([deviance(point) for point in inputs["points"].numbers])


PROBE = Probe(
    name="devfun_mer2",
    what="deviance as a function of theta, on a grid",
    package="bootmlm",
    r="bootmlm::devfun_mer2(m)(theta)",
    python="devfun_mer2(fit)(theta)",
    compute=_compute,
    takes=("points",),
)
