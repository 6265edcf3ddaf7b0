"""The lowest point that R reaches when it is told to look harder, against our optimum."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    theta = {f"theta{i + 1}": value for i, value in enumerate(fit.theta)}
    return Value.of({**theta, "criterion": fit.criterion})


PROBE = Probe(
    name="tightened",
    what="the lowest criterion of any of lme4's optimisers, told to stop at 1e-10",
    package="lme4",
    r="the least of optimizeLmer(devfun, optimizer, start, control), see referee.R",
    python="fit.theta, fit.criterion",
    compute=_compute,
    judge="tightened",
    at_own_optimum=True,
    record="referee",
)
