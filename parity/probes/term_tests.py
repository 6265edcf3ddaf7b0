"""F tests of the terms, of types I, II and III."""

from collections.abc import Mapping
from typing import Any

from parity.probes.effects import ddf_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.anova(ddf=ddf_of(inputs), type=inputs["type"]).frame)


PROBE = Probe(
    name="term_tests",
    what="F tests of the terms",
    package="lmerTest",
    r="anova(as_lmerModLmerTest(m), type, ddf)",
    python="fit.anova(ddf=..., type=...)",
    compute=_compute,
    record="tests",
)
