"""The table of t-tests that a summary prints."""

from collections.abc import Mapping
from typing import Any

from parity.probes.effects import ddf_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.summary(ddf=ddf_of(inputs)).coefficients)


PROBE = Probe(
    name="coefficient_tests",
    what="t-tests of the fixed effects",
    package="lmerTest",
    r="coef(summary(as_lmerModLmerTest(m), ddf))",
    python="fit.summary(ddf=...).coefficients",
    compute=_compute,
    record="tests",
)
