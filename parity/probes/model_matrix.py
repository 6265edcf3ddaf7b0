"""The model matrix: fixed effects row by row, random effects by forms."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.forms import by_forms
from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    kind = inputs["type"]
    found = fit.model_matrix("random_list_raw" if kind == "randomListRaw" else kind)
    if kind == "fixed":
        return by_row(fit, found).renamed_columns(tuple(found.columns))
    if kind == "random":
        return Value.of(by_forms(found, "Z"))
    numbers: dict[str, float] = {}
    for k, one in enumerate(found.values()):
        numbers |= by_forms(np.asarray(one), str(k + 1))
    return Value.of(numbers)


PROBE = Probe(
    name="model_matrix",
    what="model matrices",
    package="lme4",
    r="model.matrix(m, type)",
    python="fit.model_matrix(type)",
    compute=_compute,
    record="methods",
)
