"""Predictions for the rows of the fit or new ones, with any of the random effects."""

from collections.abc import Mapping
from typing import Any

from parity.probes.new_rows import arguments_of, by_place
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return by_place(fit, inputs, fit.predict(**arguments_of(fit, inputs)))


PROBE = Probe(
    name="predict",
    what="predictions",
    package="lme4",
    r="predict(m, newdata, re.form, allow.new.levels)",
    python="fit.predict(newdata, re_form=..., allow_new_levels=...)",
    compute=_compute,
    record="methods",
)
