"""Influence of every cluster on several statistics."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.statistics import statistic_of
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    statistic = statistic_of(inputs["statistics"])
    influence = Value.of(bm.empinf_merm(fit, statistic))
    names = (influence.rows or fit.design.factors[0].levels, tuple(statistic(fit)))
    return Value(influence.numbers, names, np.zeros(influence.numbers.shape, bool))


PROBE = Probe(
    name="empinf_merm",
    what="influence of every cluster on several statistics",
    package="bootmlm",
    r="bootmlm::empinf_merm(m, FUN)",
    python="empinf_merm(fit, statistic)",
    compute=_compute,
    judge="influence",
)
