"""For each registered deviation, the proof that it alone accounts for a difference.

A proof gets the trial whose plain comparison failed. It returns the evidence if what R did
wrong, done to our numbers (or undone in R's), makes the two agree; None if it does not.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from parity.compare import compare
from parity.errors import CaseError
from parity.implementation import Fitted
from parity.proofs_bootstrap import BOOTSTRAP_PROOFS
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value

Evidence = Mapping[str, str]
Proof = Callable[[Trial], Evidence | None]


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


def refit_with_one_degree_of_freedom(trial: Trial) -> Evidence | None:
    """Put n - 1 for n - p into our criterion at R's refitted theta: then it is R's number."""
    fitted, evidence = trial.fitted, trial.answer.evidence
    if fitted is None:
        return None
    theta = evidence["theta_after"].numbers
    n = float(evidence["rows"].numbers[0])
    p = len(fitted.quantity("fixef", theta).numbers)
    right = fitted.criterion(theta)
    sigma = float(fitted.quantity("sigma", theta).numbers[0])
    rss = sigma**2 * (n - p)
    emulated = right - _profiled(n - p, rss) + _profiled(n - 1, rss)
    before = float(evidence["criterion_before"].numbers[0])
    reported = float(trial.expected.numbers[0])
    link = Tolerance("emulated", "deterministic", 1e-7, 0.0, "element", "the same formula")
    ours_stays = abs(float(trial.observed.numbers[0]) - before) <= trial.tolerance.absolute
    if not compare(Value.of(reported), Value.of(emulated), link).passed or not ours_stays:
        return None
    at_refit = float(evidence["criterion_at_theta_after"].numbers[0])
    return {
        "criterion that R's refit reports": f"{reported:.7f}",
        "our criterion at R's refitted theta with n - 1": f"{emulated:.7f}",
        "the right criterion there, by R's own deviance function": f"{at_refit:.7f}",
        "R's criterion before the refit": f"{before:.7f}",
        "ours after our refit": f"{float(trial.observed.numbers[0]):.7f}",
    }


def weights_not_rooted(trial: Trial) -> Evidence | None:
    """Square the weights in our model and leave their logarithms out: then it is R's number."""
    model, frame = trial.case.model, trial.frame
    if model is None or frame is None or model.weights is None:
        return None
    squared = replace(
        model,
        id=f"{model.id} with squared weights",
        columns={**model.columns, "squared_weights": f"{model.weights} ** 2"},
        weights="squared_weights",
    )
    theta, points = trial.answer.theta, trial.answer.evidence["points"]
    other = trial.fit_model(squared).quantity(trial.probe.name, theta, points=points)
    logs = float(np.log(frame[model.weights].to_numpy(dtype=float) ** 2).sum())
    emulated = compare(trial.expected, Value.of(other.numbers + logs), trial.tolerance)
    if not emulated.passed or not _ours_follows_from_the_criterion(trial):
        return None
    return {
        **_OURS_FOLLOWS,
        "our deviance with squared weights, plus the sum of their logarithms, against R's": (
            f"all {emulated.count} points agree, to {emulated.digits:.1f} digits or more"
        ),
    }


def offset_not_subtracted(trial: Trial) -> Evidence | None:
    """Fit y without the offset, then put the offset into the residuals only."""
    model, frame = trial.case.model, trial.frame
    if model is None or frame is None or model.offset is None:
        return None
    plain = trial.fit_model(replace(model, id=f"{model.id} without offset", offset=None))
    offset = frame[model.offset].to_numpy(dtype=float)
    df = _degrees_of_freedom(trial, plain)
    points = trial.answer.evidence["points"].numbers
    values = []
    for point in points:
        theta = point[: len(plain.theta)]
        e = plain.quantity("resid", theta).numbers
        rss = float(plain.quantity("sigma", theta).numbers[0]) ** 2 * df
        wrong = rss - 2.0 * float(e @ offset) + float(offset @ offset)
        logs = plain.criterion(theta) - _profiled(df, rss)
        if len(point) > len(theta):
            variance = point[-1] ** 2
            values.append(logs + df * math.log(2.0 * math.pi * variance) + wrong / variance)
        else:
            values.append(logs + _profiled(df, wrong))
    emulated = compare(trial.expected, Value.of(values), trial.tolerance)
    if not emulated.passed or not _ours_follows_from_the_criterion(trial):
        return None
    return {
        **_OURS_FOLLOWS,
        "our deviance of y, with the offset taken from the residuals afterwards, against R's": (
            f"all {emulated.count} points agree, to {emulated.digits:.1f} digits or more"
        ),
    }


_OURS_FOLLOWS = {
    "our deviance function": "equals, at every point, what follows from our criterion (which the "
    "cases of devfun_lme4 compare with lme4's)"
}


def _ours_follows_from_the_criterion(trial: Trial) -> bool:
    """Say whether our deviance function is our criterion, with sigma freed where it is given."""
    fitted, _ = trial.model_sides()
    df = _degrees_of_freedom(trial, fitted)
    values = []
    for point in trial.answer.evidence["points"].numbers:
        theta = point[: len(fitted.theta)]
        value = fitted.criterion(theta)
        if len(point) > len(theta):
            rss = float(fitted.quantity("sigma", theta).numbers[0]) ** 2 * df
            variance = point[-1] ** 2
            value += df * math.log(2.0 * math.pi * variance) + rss / variance - _profiled(df, rss)
        values.append(value)
    return compare(Value.of(values), trial.observed, trial.tolerance).passed


def _degrees_of_freedom(trial: Trial, fitted: Fitted) -> float:
    """Return n for ML, n - p for REML."""
    model = trial.case.model
    n = len(fitted.quantity("resid").numbers)
    p = len(fitted.quantity("fixef").numbers)
    return float(n - p if model is not None and model.reml else n)


def boundary_is_not_stationary(trial: Trial) -> Evidence | None:
    """Show that the criterion has a slope in a squared entry of theta that is zero."""
    fitted, theta = trial.model_sides()
    step = 1e-3
    least = fitted.criterion(theta)
    slopes: dict[str, str] = {}
    for i in np.flatnonzero(np.abs(theta) < 1e-6):
        moved = theta.copy()
        moved[i] = step
        slope = (fitted.criterion(moved) - least) / step**2
        if slope > 1.0:
            slopes[f"slope of the criterion in theta{i + 1}^2 at its bound"] = f"{slope:.4g}, not 0"
    return slopes or None


def _profiled(df: float, rss: float) -> float:
    """Return the part of the criterion that depends on the degrees of freedom."""
    return df * (1.0 + math.log(2.0 * math.pi * rss / df))


_PROOFS: dict[str, Proof] = {
    proof.__name__: proof
    for proof in (
        *BOOTSTRAP_PROOFS,
        scores_names_in_theta_order,
        refit_with_one_degree_of_freedom,
        boundary_is_not_stationary,
        weights_not_rooted,
        offset_not_subtracted,
    )
}


def proof_of(name: str) -> Proof:
    """Return a proof by the name that a deviation gives."""
    if name not in _PROOFS:
        message = f"deviations.toml names the proof '{name}'; known are {', '.join(_PROOFS)}"
        raise CaseError(message)
    return _PROOFS[name]
