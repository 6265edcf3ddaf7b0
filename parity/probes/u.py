"""Spherical random effects, in lme4's order."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.u, names=[str(i + 1) for i in range(len(fit.u))])


PROBE = Probe(
    name="u",
    what="spherical random effects",
    package="lme4",
    r='getME(m, "u")',
    python="fit.u",
    compute=_compute,
)
