"""Scores: columns under the wrong names, an offset in the residuals, weights left out."""

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.emulation.scores import scores
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.trial import Trial, thin_alike
from parity.values import Value


def scores_names_in_theta_order(trial: Trial) -> Evidence | None:
    """Give R's columns our names, by position: then every number must agree."""
    theirs, ours = trial.expected.columns, trial.observed.columns
    if theirs is None or ours is None or sorted(theirs) != sorted(ours) or theirs == ours:
        return None
    by_place = compare(trial.expected.renamed_columns(ours), trial.observed, trial.tolerance)
    if not by_place.passed:
        return None
    moved = [f"{r} (is {us})" for r, us in zip(theirs, ours, strict=True) if r != us]
    return {
        "columns that R misnames": "; ".join(moved),
        "by position": f"all numbers agree, to {by_place.digits:.1f} digits or more",
    }


def scores_of_other_residuals(trial: Trial) -> Evidence | None:
    """Take rows unweighted and the offset for a residual: then the formula gives R's scores.

    The same formula with the right rows must give ours.
    """
    fit, level = native_fit(trial), trial.case.inputs["level"]
    theirs, ours = (_as_recorded(trial, scores(fit, level, as_r=as_r)) for as_r in (True, False))
    wrong = compare(Value.of(trial.expected.numbers), theirs, trial.tolerance)
    right = compare(Value.of(trial.observed.numbers), ours, trial.tolerance)
    if not wrong.passed or not right.passed:
        return None
    return {
        "the formula with rows unweighted and the offset not subtracted, against R's": agree(wrong),
        "the same formula with the rows that the model means, against ours": agree(right),
    }


def _as_recorded(trial: Trial, numbers: NDArray[np.float64]) -> Value:
    """Keep the rows that a recorded answer keeps; R's names are another matter."""
    return Value.of(thin_alike(Value.of(numbers), trial.answer).numbers)
