"""What measures a fit, in one row."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(bm.glance(fit).iloc[0])


PROBE = Probe(
    name="glance",
    what="the row of glance",
    package="broom.mixed",
    r="glance(m)",
    python="glance(fit)",
    compute=_compute,
    record="beside",
)
