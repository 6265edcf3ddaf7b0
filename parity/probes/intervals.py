"""Intervals of R's own replicates: what both sides share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pybootmlm as bm

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

# h, its derivative and its inverse, as ``intervals.R`` has them under the same names.
SCALES: Mapping[str, Mapping[str, Function]] = {
    "identity": {},
    "log": {"h": np.log, "hdot": np.reciprocal, "hinv": np.exp},
    "log_only": {"h": np.log, "hdot": np.reciprocal},
    "square_root": {"h": np.sqrt, "hdot": lambda t: 0.5 / np.sqrt(t), "hinv": np.square},
}


def boot_of(inputs: Mapping[str, Any], names: Sequence[str]) -> bm.BootResult:
    """Make a result of R's replicates and R's estimate."""
    t, t0 = inputs["t"].numbers, inputs["t0"].numbers
    return bm.BootResult(t0, t.reshape(len(t), -1), tuple(names), inputs["type"], nsim=len(t))
