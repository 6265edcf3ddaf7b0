"""Influence of every cluster on one statistic."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.statistics import statistic_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    influence = bm.empinf_mer(fit, statistic_of(inputs["statistics"]), index=inputs["index"])
    return Value.of(influence, names=fit.design.factors[0].levels)


PROBE = Probe(
    name="empinf_mer",
    what="influence of every cluster on one statistic",
    package="bootmlm",
    r="bootmlm::empinf_mer(m, FUN, index)",
    python="empinf_mer(fit, statistic, index)",
    compute=_compute,
    judge="influence",
)
