"""Fixed effects under their names."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.fixef)


PROBE = Probe(
    name="fixef",
    what="fixed effects under their names",
    package="lme4",
    r="fixef(m)",
    python="fit.fixef",
    compute=_compute,
)
