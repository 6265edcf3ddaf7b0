"""The symmetric inverse square root of a matrix, times another."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(_fit: Any, inputs: Mapping[str, Any]) -> Value:
    M = np.asarray(inputs["M"], dtype=float)
    size = round(len(M) ** 0.5)
    b = np.asarray(inputs["b"], dtype=float).reshape(size, -1, order="F")
    return Value.of(bm.solve_eigen_sqrt(M.reshape(size, size), b))


PROBE = Probe(
    name="solve_eigen_sqrt",
    what="inverse symmetric square root times a matrix",
    package="bootmlm",
    r="bootmlm:::solve_eigen_sqrt(M, b)",
    python="solve_eigen_sqrt(M, b)",
    compute=_compute,
)
