"""Optimisers of lme4 that stop before they have arrived."""

import numpy as np

from parity.compare import compare
from parity.judges.replicates import r_thetas, replay
from parity.proofs.evidence import Evidence
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value

_BOUNDARY = 1e-4  # lme4's isSingular
_FAR = 1e-2  # in the criterion: ten thousand times lme4's tolerance


def stops_far_from_the_optimum(trial: Trial) -> Evidence | None:
    """Show that R's criterion is ours at R's theta, and that ours is far lower at our theta."""
    fitted, theta = trial.model_sides()
    at_r = float(trial.expected.numbers[-1])
    ours = trial.observed.numbers
    link = Tolerance("criterion", "link", 1e-8, 1e-10, "element", "the same formula")
    same = compare(Value.of(at_r), Value.of(fitted.criterion(theta)), link)
    own = compare(Value.of(ours[-1]), Value.of(fitted.criterion(ours[:-1])), link)
    gained = at_r - float(ours[-1])
    if not same.passed or not own.passed or gained < _FAR:
        return None
    return {
        "criterion where R stopped, by R and by us": f"{at_r:.6f}, {fitted.criterion(theta):.6f}",
        "criterion at our optimum": f"{float(ours[-1]):.6f}, lower by {gained:.4g}",
        "R said": "; ".join((*trial.answer.warnings, *trial.answer.messages)) or "nothing",
    }


def refits_stop_at_the_boundary(trial: Trial) -> Evidence | None:
    """Show that R's refits that are far from their optimum have an entry of theta at zero."""
    replayed = replay(trial)
    far = replayed.excess < -_FAR
    zero = np.asarray((np.abs(r_thetas(trial)) < _BOUNDARY).any(axis=1))
    links = replayed.exact.passed and replayed.own.passed
    if not links or not far.any() or not zero[far].all():
        return None
    if not (replayed.excess <= trial.tolerance.criterion).all():
        return None
    return {
        "replicates far from their optimum": f"{int(far.sum())} of {len(far)}, all at the boundary",
        "R's criterion less ours in them": ", ".join(f"{-x:.3g}" for x in replayed.excess[far]),
        "R's estimates and criterion at R's thetas, against ours there": (
            f"differ by at most {replayed.exact.max_abs:.1e}"
        ),
    }
