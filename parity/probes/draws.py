"""What can be compared of draws that are not the same: their first two moments."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def moments_of(draws: Array, centre: Array, names: Iterable[str]) -> pd.DataFrame:
    """Return sd of draws ``(nsim, k)``, and how far in these the means are from `centre`."""
    spread = draws.std(axis=0, ddof=1)
    values = {"sd": spread, "shift": (draws.mean(axis=0) - centre) / spread}
    return pd.DataFrame(values, index=[str(name) for name in names])
