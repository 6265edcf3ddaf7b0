"""The rows of a fit with what it says of each."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    found = bm.augment(fit)
    columns = [name for name in found.columns if str(name).startswith(".")]
    return Value.of(found[columns].reset_index(drop=True))


PROBE = Probe(
    name="augment",
    what="the frame of augment",
    package="broom.mixed",
    r="augment(m)",
    python="augment(fit)",
    compute=_compute,
    record="beside",
)
