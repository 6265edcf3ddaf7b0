"""Resampled data, and the pools that they are drawn from, with the slips that R makes."""

import numpy as np

from parity.compare import compare
from parity.emulation.effects import reflated_by_each_root
from parity.probes import probe_of
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.trial import Trial, thin_alike

_MORE = 1e-6  # than the least sum of squares
_SLIPS = {
    "offset": "the offset left in the residuals",
    "weights": "prior weights left out",
    "level-order": "residuals of each cluster on other clusters' rows",
    "terms": "effects cut by the number of factors",
    "symmetric-root": "effects whitened by a symmetric root",
    "merged": "clusters drawn twice made one",
    "covariate": "the covariate replaced by the number of the new cluster",
}


def slips(trial: Trial) -> str:
    """Say in words what was emulated."""
    return ", and ".join(_SLIPS[name] for name in trial.as_r)


def resampled_as_r_does(trial: Trial) -> Evidence | None:
    """Make R's slips when we resample: then our data, or our pools, are R's."""
    inputs = {**trial.case.inputs, "as_r": list(trial.as_r)}
    wrong = probe_of(trial.case.quantity).compute(native_fit(trial), inputs)
    found = compare(trial.expected, thin_alike(wrong, trial.answer), trial.tolerance)
    right = probe_of(trial.case.quantity).compute(native_fit(trial), trial.case.inputs)
    ours = compare(thin_alike(right, trial.answer), trial.observed, trial.tolerance)
    if not found.passed or not ours.passed:
        return None
    return {f"ours with {slips(trial)}, against R's": agree(found)}


def effects_without_variance(trial: Trial) -> Evidence | None:
    """Show that R's effects differ where they have no variance: rounding over its root.

    All effects of one of R's two roots (Cholesky, or symmetric) must be R's but those of
    clusters whose variance has no Cholesky factor.
    """
    fit = native_fit(trial)
    expected = trial.expected.numbers
    if trial.answer.thinned:
        return None
    for name, pool, regular in reflated_by_each_root(fit):
        near = np.abs(pool - expected) <= trial.tolerance.allowed(pool)
        if near[regular].all() and not regular.all():
            lost = np.abs(expected[~regular]).max()
            return {
                f"effects by {name} roots, of clusters whose variance has a Cholesky factor": (
                    f"all {int(regular.sum())} are R's"
                ),
                "the others": (
                    f"{int((~regular).sum())} of {len(regular)}; R's reach {lost:.4g}, where the "
                    f"largest of the regular ones is {np.abs(expected[regular]).max():.4g}"
                ),
            }
    return None


def residuals_are_not_least(trial: Trial) -> Evidence | None:
    """Show that R's residuals, meant to be of least squares, have a larger sum of squares."""
    theirs, ours = trial.expected.numbers, trial.observed.numbers
    if trial.answer.thinned:  # of many rows the last summary is the root mean square
        theirs, ours = theirs[-1:], ours[-1:]
    more = float((theirs**2).sum() / (ours**2).sum())
    if more <= 1.0 + _MORE:
        return None
    return {"sum of squares of R's residuals, of ours": f"larger by a factor of {more:.4f}"}
