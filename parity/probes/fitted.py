"""The fitted value of every row."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return by_row(fit, fit.fitted)


PROBE = Probe(
    name="fitted",
    what="fitted values",
    package="lme4",
    r="fitted(m)",
    python="fit.fitted",
    compute=_compute,
)
