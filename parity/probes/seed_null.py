"""Whether a bootstrap without a seed of its own obeys the stream it is given."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    one, other = (
        bm.bootstrap_mer(fit, "sigma", 2, type="residual", rng=bm.RStream(inputs["seed"])).t
        for _ in range(2)
    )
    return Value.of(float(np.array_equal(one, other)))


PROBE = Probe(
    name="seed_null",
    what="whether seed = NULL leaves set.seed alone",
    package="bootmlm",
    r="set.seed(seed); bootstrap_mer(..., seed = NULL), twice",
    python="bootstrap_mer(..., rng=RStream(seed)), twice",
    compute=_compute,
    record="boot",
)
