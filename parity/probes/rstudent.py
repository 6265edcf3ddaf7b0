"""Studentised residuals, Cook's distances and prior weights of the rows."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    columns = {"rstudent": fit.rstudent, "cooks": fit.cooks_distance, "weights": fit.weights}
    return by_row(fit, pd.DataFrame(columns)).renamed_columns(tuple(columns))


PROBE = Probe(
    name="rstudent",
    what="studentised residuals, Cook's distances and weights of rows",
    package="lme4",
    r="rstudent(m), cooks.distance(m), weights(m)",
    python="fit.rstudent, fit.cooks_distance, fit.weights",
    compute=_compute,
    record="methods",
)
