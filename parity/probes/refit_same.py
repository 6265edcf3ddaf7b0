"""The criterion after a refit with the response that the model was fitted to."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of({"criterion": fit.refit(fit.design.y).criterion})


PROBE = Probe(
    name="refit_same",
    what="the criterion after a refit with the same response",
    package="lme4",
    r='refit(m, getME(m, "y"))',
    python="fit.refit(fit.design.y).criterion",
    compute=_compute,
    at_own_optimum=True,
)
