"""For each registered deviation, the proof that it alone accounts for a difference.

A proof gets the trial whose plain comparison failed. It returns the evidence if what R did
wrong, done to our numbers (or undone in R's), makes the two agree; None if it does not.
"""

from collections.abc import Callable, Mapping

import numpy as np

from parity.compare import compare
from parity.errors import CaseError
from parity.proofs_bootstrap import BOOTSTRAP_PROOFS
from parity.proofs_deviance import DEVIANCE_PROOFS
from parity.proofs_parts import profiled
from parity.proofs_scores import scores_of_other_rows
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
    emulated = right - profiled(n - p, rss) + profiled(n - 1, rss)
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


_PROOFS: dict[str, Proof] = {
    proof.__name__: proof
    for proof in (
        *BOOTSTRAP_PROOFS,
        *DEVIANCE_PROOFS,
        scores_of_other_rows,
        scores_names_in_theta_order,
        refit_with_one_degree_of_freedom,
        boundary_is_not_stationary,
    )
}


def proof_of(name: str) -> Proof:
    """Return a proof by the name that a deviation gives."""
    if name not in _PROOFS:
        message = f"deviations.toml names the proof '{name}'; known are {', '.join(_PROOFS)}"
        raise CaseError(message)
    return _PROOFS[name]
