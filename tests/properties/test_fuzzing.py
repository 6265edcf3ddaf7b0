"""Formulas and frames made at random give a fit or an error of ours, in good time.

Anything else fails: a traceback or a warning from inside NumPy, pandas or formulaic, a converged
fit with estimates that are not finite, more processor time than a small model can need.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable

import fuzzing
import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="no timer of processor time on this system"
)
EACH = 1000


@pytest.mark.parametrize(
    ("formulas", "least_fits"),
    [(fuzzing.sensible, 50), (fuzzing.mutated, 3), (fuzzing.garbage, 0)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fit_or_an_error_of_ours(formulas: Callable[..., str], least_fits: int):
    outcomes: Counter[str] = Counter()
    wrong = {}
    for number in range(EACH):
        model, found = fuzzing.attempt(number, formulas)
        outcomes[found] += 1
        if found not in ("fit", "error"):
            wrong[number] = (model, found)
    assert wrong == {}
    # Otherwise nothing but the reading of formulas would have been tried.
    assert outcomes["fit"] >= least_fits


def test_control_what_is_not_ours_is_seen():
    def numpy_error():
        return np.linalg.inv(np.zeros((2, 2)))

    def numpy_warning():
        return np.array([1.0]) / 0

    def too_long():
        began = time.process_time()
        while time.process_time() - began < 5:
            pass

    def no_numbers():
        return bm.lmer("Yield ~ (1 | Batch)", bm.load_dataset("Dyestuff")).at_theta([1.0])

    assert "LinAlgError" in fuzzing.outcome(numpy_error)
    assert "RuntimeWarning" in fuzzing.outcome(numpy_warning)
    assert fuzzing.outcome(no_numbers) == "fit"
    before, fuzzing.BUDGET = fuzzing.BUDGET, 0.05
    try:
        assert "TimeoutError" in fuzzing.outcome(too_long)
    finally:
        fuzzing.BUDGET = before


def test_the_search_goes_on_from_where_nothing_is_left_to_explain():
    """Found by fuzzing: a step to a perfect fit, and one past the range of floating point."""
    for kind, number in ((fuzzing.sensible, 28), (fuzzing.sensible, 1764)):
        assert fuzzing.attempt(number, kind)[1] in ("fit", "error")


def test_a_frame_of_two_rows_is_refused():
    with pytest.raises(bm.exceptions.PybootmlmError):
        bm.lmer("y ~ 1 + (1 | g)", pd.DataFrame({"y": [1.0, 2.0], "g": ["a", "b"]}))
