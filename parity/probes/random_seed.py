"""The state of R's generator: seeded, after jumps, after draws."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value

_JUMPS = {"stream": bm.RStream.next_stream, "substream": bm.RStream.next_substream}


def _compute(_fit: Any, inputs: Mapping[str, Any]) -> Value:
    kinds = {name: inputs[name] for name in ("kind", "sample_kind") if name in inputs}
    stream = bm.RStream(inputs["seed"], **kinds)
    for jump in inputs["jumps"]:
        stream = _JUMPS[jump](stream)
    if inputs["draws"]:
        stream.runif(inputs["draws"])
    return Value.of(stream.random_seed)


PROBE = Probe(
    name="random_seed",
    what="the state of R's generator",
    package="R",
    r="set.seed(seed); parallel::nextRNGStream(.Random.seed); runif(n); .Random.seed",
    python="RStream(seed).next_stream(), .runif(n), .random_seed",
    compute=_compute,
    record="streams",
)
