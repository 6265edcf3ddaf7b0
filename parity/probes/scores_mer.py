"""Scores of every row or every cluster."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.probes.rows import by_row
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    scores = bm.scores_mer(fit, level=inputs["level"])
    if inputs["level"] == 1:
        return Value(
            scores.to_numpy(dtype=float),
            (by_row(fit, fit.fitted).rows, tuple(scores.columns)),
            np.zeros(scores.shape, bool),
        )
    return Value.of(scores)


PROBE = Probe(
    name="scores_mer",
    what="scores",
    package="bootmlm",
    r="bootmlm::scores_mer(m, level)",
    python="scores_mer(fit, level=...)",
    compute=_compute,
)
