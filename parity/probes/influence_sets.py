"""How many sets of rows several columns make."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    groups = inputs["groups"]
    return Value.of({"sets": len(fit.influence(groups).fixed_without)})


PROBE = Probe(
    name="influence_sets",
    what="sets of rows that several columns make",
    package="lme4",
    r="influence(m, groups)$deleted",
    python="len(fit.influence(groups).fixed_without)",
    compute=_compute,
    at_own_optimum=True,
    record="methods",
)
