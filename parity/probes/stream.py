"""Random numbers of one function, at several seeds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(_fit: Any, inputs: Mapping[str, Any]) -> Value:
    kinds = {name: inputs[name] for name in ("kind", "sample_kind") if name in inputs}
    seeds = inputs["seeds"]
    drawn = [
        getattr(bm.RStream(seed, **kinds), inputs["draw"])(**inputs["arguments"]) for seed in seeds
    ]
    # Down the columns, as R's matrix lies: sums over rows depend on it in the last bit.
    numbers = np.array(drawn, dtype=float).T
    return Value(numbers, (None, tuple(map(str, seeds))), np.zeros(numbers.shape, bool))


PROBE = Probe(
    name="stream",
    what="R's random numbers, a column a seed",
    package="R",
    r="set.seed(seed); runif(n), rnorm(n), sample.int(n, ...), ...",
    python="RStream(seed).runif(n), .rnorm(n), .sample_int(n, ...), ...",
    compute=_compute,
    record="streams",
)
