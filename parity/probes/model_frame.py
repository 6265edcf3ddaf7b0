"""The variables of a model on the rows used; factors by their codes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    frame = fit.model_frame(fixed_only=inputs.get("fixed_only", False))
    codes = {
        name: column.cat.codes + 1 if isinstance(column.dtype, pd.CategoricalDtype) else column
        for name, column in frame.items()
    }
    return by_row(fit, pd.DataFrame(codes)).renamed_columns(tuple(map(str, codes)))


PROBE = Probe(
    name="model_frame",
    what="the model frame",
    package="lme4",
    r="model.frame(m)",
    python="fit.model_frame()",
    compute=_compute,
    record="methods",
)
