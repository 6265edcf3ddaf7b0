"""The residual of every row."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return by_row(fit, fit.resid)


PROBE = Probe(
    name="resid",
    what="residuals",
    package="lme4",
    r="residuals(m)",
    python="fit.resid",
    compute=_compute,
)
