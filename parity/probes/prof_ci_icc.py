"""Profile-likelihood limits of the intraclass correlation."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(bm.prof_ci_icc(fit, level=inputs["level"]))


PROBE = Probe(
    name="prof_ci_icc",
    what="profile limits of the intraclass correlation",
    package="bootmlm",
    r="bootmlm:::prof_ci_icc(m, level)",
    python="prof_ci_icc(fit, level=...)",
    compute=_compute,
    judge="profile",
)
