"""Likelihood-ratio tests of the random terms."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    return Value.of(bm.ranova(fit, reduce_terms=inputs["reduce_terms"]).frame)


PROBE = Probe(
    name="ranova",
    what="tests of the random terms",
    package="lmerTest",
    r="ranova(as_lmerModLmerTest(m), reduce.terms)",
    python="ranova(fit, reduce_terms=...)",
    compute=_compute,
    record="tests",
)
