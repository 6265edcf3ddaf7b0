"""Changes of a fixed effect in standard errors, of a model that has one only."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.influence(inputs["groups"]).dfbetas)


PROBE = Probe(
    name="dfbetas",
    what="dfbetas of a single fixed effect",
    package="lme4",
    r="dfbetas(influence(m, groups))",
    python="fit.influence(groups).dfbetas",
    compute=_compute,
    at_own_optimum=True,
    record="methods",
)
