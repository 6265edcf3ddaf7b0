"""Statistics that a user asks for, of the fit itself."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.statistics import chosen_statistic
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    statistic = chosen_statistic(inputs)
    assert statistic is not None
    return statistic(fit)


PROBE = Probe(
    name="statistic",
    what="statistics of the user's choice",
    package="lme4",
    r="FUN(m)",
    python="statistic(fit)",
    compute=_compute,
    record="statistic",
)
