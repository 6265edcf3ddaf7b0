"""Theta where the criterion is least, and the criterion there."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    theta = {f"theta{i + 1}": value for i, value in enumerate(fit.theta)}
    return Value.of({**theta, "criterion": fit.criterion})


PROBE = Probe(
    name="optimum",
    what="the optimum: theta and the criterion",
    package="lme4",
    r="c(m@theta, if (isREML(m)) REMLcrit(m) else deviance(m))",
    python="fit.theta, fit.criterion",
    compute=_compute,
    judge="optimum",
    at_own_optimum=True,
)
