"""Wald's limits; those of variances, which it does not have, last."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    limits = fit.confint(level=inputs["level"], method="Wald")
    known = limits.iloc[:, 0].notna()
    return Value.of(limits.loc[[*limits.index[known], *limits.index[~known]]])


PROBE = Probe(
    name="confint_wald",
    what="Wald's confidence limits",
    package="lme4",
    r='confint(m, level, method = "Wald")',
    python='fit.confint(level=..., method="Wald")',
    compute=_compute,
    record="methods",
)
