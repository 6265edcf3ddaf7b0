"""What tests by likelihood ratios share: the other models, the values from a null distribution."""

import warnings
from typing import Any

import pybootmlm as bm
from parity.values import Value
from pybootmlm.exceptions import SingularFitWarning


def other_fit(fit: bm.LmerFit, formula: str) -> bm.LmerFit:
    """Fit another formula to the same data, by the same criterion."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return fit.update(formula)


def values_of(found: Any) -> Value:
    """Return an exact test as R's answer is laid out: statistic, p, the simulated values."""
    values = {"statistic": found.statistic, "p": found.p_value}
    return Value.of(values | {str(i + 1): value for i, value in enumerate(found.sample)})
