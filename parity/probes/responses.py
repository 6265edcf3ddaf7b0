"""Responses resampled by the residual types and the REB."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.probes.resampled import as_value, resampled
from parity.values import Value
from pybootmlm.resampling.scheme import Responses


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    data = resampled(fit, inputs)
    if inputs.get("errors_in_level_order") and isinstance(data, Responses):  # for a proof
        order = np.argsort(fit.design.factors[0].codes, kind="stable")
        data = replace(data, errors=data.errors[order])
    return as_value(fit, data)


PROBE = Probe(
    name="responses",
    what="resampled responses",
    package="bootmlm",
    r="set.seed(seed); bootmlm:::.resid_resample(m, nsim, type) or .reb_resample",
    python="the plan's apply(draw(RStream(seed)))",
    compute=_compute,
    record="boot",
)
