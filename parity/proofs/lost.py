"""Replicates that R loses, all of them or some, without a word."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.judges.replicates import replay
from parity.proofs.evidence import Evidence
from parity.trial import Trial
from parity.witnesses import BY_ITSELF, hear_witness, link


def every_replicate_is_lost(trial: Trial) -> Evidence | None:
    """Show that R has no replicate, and that ours are those of the data without the rows."""
    model, frame = trial.case.model, trial.frame
    if model is None or frame is None or not _all_lost(trial):
        return None
    used = [name for name in frame.columns if name in model.formula]
    complete = trial.fit_rows(frame[used].notna().all(axis=1).to_numpy())
    _, theta = trial.model_sides()
    again = complete.quantity(trial.probe.name, theta, **trial.case.inputs)
    witness = hear_witness(trial)
    if not compare(again, trial.observed, link(trial)).passed:
        return None
    if witness is None or not witness.comparison.passed:
        return None
    return {
        **_lost(trial),
        "ours": "those of the same model fitted to the complete rows",
        BY_ITSELF: witness.said,
    }


def every_refit_on_the_model_frame_is_lost(trial: Trial) -> Evidence | None:
    """Show that R has no replicate, and that ours are those of each replicate's own model."""
    if not _all_lost(trial):
        return None
    witness = hear_witness(trial)
    if witness is None or not witness.comparison.passed:
        return None
    return {**_lost(trial), BY_ITSELF: witness.said}


def shorter_statistics_are_recycled(trial: Trial) -> Evidence | None:
    """Show that where ours are lost, for a coefficient less, R begins its row anew."""
    theirs, ours = trial.expected.numbers, trial.observed.numbers
    lost = np.asarray(np.isnan(ours).all(axis=1))
    if not lost.any() or lost.all() or np.isnan(theirs).any():
        return None
    whole = np.column_stack([theirs, trial.answer.evidence["reported"].numbers])
    if not all(_begins_anew(row) for row in whole[lost]):
        return None
    numbers = theirs.copy()
    numbers[lost] = np.nan
    value = replace(trial.expected, numbers=numbers)
    kept = replay(replace(trial, answer=replace(trial.answer, value=value)))
    worse = kept.excess[~lost] > trial.tolerance.criterion
    if not kept.exact.passed or not kept.own.passed or worse.any():
        return None
    return {
        "replicates without one of the coefficients": f"{int(lost.sum())} of {len(lost)}",
        "R's rows of them": "hold fewer numbers, and are filled up from their beginning",
        "the others, R's at R's thetas, against ours there": (
            f"differ by at most {kept.exact.max_abs:.1e}"
        ),
    }


def _begins_anew(row: NDArray[np.float64]) -> bool:
    """Say whether the end of a row repeats its beginning."""
    return any(np.array_equal(row[-k:], row[:k]) for k in range(1, len(row)))


def _all_lost(trial: Trial) -> bool:
    return bool(np.isnan(trial.expected.numbers).all())


def _lost(trial: Trial) -> Evidence:
    return {"R's replicates": f"all {len(trial.expected.numbers)} are NA, without a message"}
