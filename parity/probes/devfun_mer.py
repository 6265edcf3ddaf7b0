"""bootmlm's deviance as a function of theta and sigma, on a grid."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    deviance = bm.devfun_mer(fit)
    return Value.of([deviance(point) for point in inputs["points"].numbers])


PROBE = Probe(
    name="devfun_mer",
    what="deviance as a function of theta and sigma, on a grid",
    package="bootmlm",
    r="bootmlm::devfun_mer(m)(th_sig)",
    python="devfun_mer(fit)(th_sig)",
    compute=_compute,
    takes=("points",),
)
