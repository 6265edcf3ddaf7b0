"""The sequential sums of squares of one model's terms."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(fit.anova().frame[["npar", "Sum Sq", "Mean Sq", "F value"]])


PROBE = Probe(
    name="anova_terms",
    what="sequential sums of squares of one model's terms",
    package="lme4",
    r="anova(m)",
    python="fit.anova()",
    compute=_compute,
    record="methods",
)
