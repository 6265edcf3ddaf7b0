"""Residuals of every type, and Pearson's over sigma."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    types = ("response", "working", "pearson", "deviance")
    columns = {one: fit.residuals(one) for one in types}
    columns["scaled"] = fit.residuals("pearson", scaled=True)
    return by_row(fit, pd.DataFrame(columns)).renamed_columns(tuple(columns))


PROBE = Probe(
    name="residual_types",
    what="residuals of every type",
    package="lme4",
    r="residuals(m, type, scaled)",
    python="fit.residuals(type, scaled=...)",
    compute=_compute,
    record="methods",
)
