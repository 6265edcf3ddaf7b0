"""Intervals of all five kinds from the same replicates, at several levels."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.intervals import SCALES, boot_of
from parity.probes.probe import Probe
from parity.values import Value

_KINDS = ("norm", "basic", "stud", "perc", "bca")


def _compute(_fit: Any, inputs: Mapping[str, Any]) -> Value:
    boot = boot_of(inputs, ("statistic", "variance"))
    scale = SCALES[inputs["scale"]]
    found = bm.boot_ci(
        boot,
        (0, 1),
        conf=inputs["conf"],
        type=_KINDS,
        L=inputs["L"].numbers,
        h=scale.get("h"),
        hdot=scale.get("hdot"),
        hinv=scale.get("hinv"),
    ).to_frame()
    rows = [f"{kind} {conf:g}" for kind, conf in zip(found["type"], found["conf"], strict=True)]
    return Value.of(found[["lower", "upper"]].set_axis(rows))


PROBE = Probe(
    name="boot_ci",
    what="intervals of R's replicates",
    package="bootmlm",
    r="boot::boot.ci(replicates, conf, type, L = empinf_mer(m, FUN), h, hdot, hinv)",
    python="boot_ci(R's replicates, conf=..., type=..., L=R's, h=..., hdot=..., hinv=...)",
    compute=_compute,
    takes=("t", "t0", "L"),
    record="boot",
)
