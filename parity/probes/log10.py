"""Probabilities by their logarithm, so that small ones count."""

import numpy as np
import pandas as pd


def log10(p: "pd.Series[float]") -> "pd.Series[float]":
    """Return log10 of probabilities; NaN where there is none."""
    with np.errstate(divide="ignore"):
        return pd.Series(np.log10(p.to_numpy(dtype=float)), index=p.index)
