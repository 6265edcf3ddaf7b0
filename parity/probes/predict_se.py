"""Standard errors of predictions."""

from collections.abc import Mapping
from typing import Any

from parity.probes.new_rows import by_place
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return by_place(fit, inputs, fit.predict(se_fit=True)["se_fit"])


PROBE = Probe(
    name="predict_se",
    what="standard errors of predictions",
    package="lme4",
    r="predict(m, se.fit = TRUE), before lme4 1.1-35 Henderson's equations",
    python="fit.predict(se_fit=True)",
    compute=_compute,
    record="methods_se",
)
