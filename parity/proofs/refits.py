"""Bootstraps whose data, or whose refits, are wrong in R: replicate by replicate."""

import math
from dataclasses import replace
from itertools import combinations, count

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.judges.replicates import at_points, lost_by_r, r_thetas, replay
from parity.proofs.evidence import Evidence
from parity.proofs.resampled import slips
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value

Array = NDArray[np.float64]

_STEP = 1e-3
_LEFT = 1e-5  # what lme4's optimiser may leave to gain, ten times its tolerance
_MOST = 0.8  # of the replicates: the others stop early, or at the boundary
_HALF = 0.5  # the least of them, where their data are shown to be R's in every replicate
_LINK = Tolerance("emulated", "link", 1e-8, 1e-10, "element", "the same formula")


def refits_with_one_degree_of_freedom(trial: Trial) -> Evidence | None:
    """Count n - 1 degrees of freedom for n - p in our criterion: then R's refits are optima.

    At R's thetas that criterion must be the one that R's refits report, and R's thetas must be
    where it is least: a Newton step from there gains no more than lme4's optimiser leaves. Ours
    must be the optima of the right criterion, which R's own deviance function confirms.
    """
    fitted, _ = trial.model_sides()
    n = float(trial.answer.evidence["rows"].numbers[0])
    p = len(fitted.quantity("fixef").numbers)
    found = _on_stencil(trial)
    right, rss = found[:, :, -1], found[:, :, -2] ** 2 * (n - p)
    wrong = right + _profiled(n - 1, rss) - _profiled(n - p, rss)
    same = compare(trial.answer.evidence["reported"], Value.of(wrong[:, 0]), _LINK)
    own = compare(Value.of(trial.expected.numbers[:, -1]), Value.of(right[:, 0]), _LINK)
    left_wrong, left_right = _left_to_gain(wrong), _left_to_gain(right)
    if not same.passed or not own.passed or (left_wrong <= _LEFT).mean() < _MOST:
        return None
    ours = _ours_are_optima(trial)
    if ours is None:
        return None
    return {
        "replicates": str(len(left_wrong)),
        "criterion that R's refits report, against ours with n - 1 at R's theta": (
            f"differ by at most {same.max_abs:.1e}"
        ),
        "with n - 1 degrees of freedom, left to gain at R's thetas": _spread(left_wrong),
        "with n - p, which is right, left to gain there": _spread(left_right),
        "R's own deviance function at R's thetas, against ours there": (
            f"differ by at most {own.max_abs:.1e}"
        ),
        **({"R's data are ours with": slips(trial)} if trial.as_r else {}),
        **ours,
    }


def refits_of_data_as_r_makes_them(trial: Trial) -> Evidence | None:
    """Make R's slips when we resample: then R's replicates are those of our data.

    At R's thetas our estimates and criterion for these data must be R's, and R's thetas their
    optima, but for what lme4's optimiser leaves. Ours must be what holds at our optima of the
    right data.
    """
    kept = ~lost_by_r(trial)
    if not kept.any():
        return None
    found = _on_stencil(trial)[kept]
    at_r, expected = (Value.of(numbers) for numbers in (found[:, 0], trial.expected.numbers[kept]))
    link = Tolerance("chain", "link", 1e-9, trial.tolerance.chain, "column", "a link")
    exact = compare(expected, at_r, link)
    left = _left_to_gain(found[:, :, -1])
    if not exact.passed or (left <= _LEFT).mean() < _HALF:
        return None
    own = replay(trial).own
    if not own.passed:
        return None
    return {
        "replicates": str(len(left)),
        f"ours with {slips(trial)}, at R's thetas, against R's": (
            f"estimates and criterion differ by at most {exact.max_abs:.1e}"
        ),
        "left to gain at R's thetas for these data": _spread(left),
        "our batched refits of the right data against each replicate's model by itself": (
            f"differ by at most {own.max_abs:.1e}"
        ),
    }


def _ours_are_optima(trial: Trial) -> Evidence | None:
    """Show that our refits are right, and, where the data are R's too, no worse than R's."""
    replayed = replay(trial)
    if not replayed.own.passed:
        return None
    if trial.as_r:
        return {}
    if not replayed.exact.passed or not (replayed.excess <= trial.tolerance.criterion).all():
        return None
    return {
        "our optimum less R's, by R's own deviance function": (
            f"{replayed.excess.min():.2e} to {replayed.excess.max():.2e}"
        )
    }


def _on_stencil(trial: Trial) -> Array:
    """Our estimates ``(B, m, k)`` for R's data at R's thetas and at points around them."""
    inputs = {**trial.case.inputs, "as_r": list(trial.as_r)}
    wrong = replace(trial, case=replace(trial.case, inputs=inputs))
    return at_points(wrong, _stencil(r_thetas(trial)))


def _profiled(df: float, rss: Array) -> Array:
    """Return the part of the criterion that depends on the degrees of freedom."""
    return np.asarray(df * (1.0 + np.log(2.0 * math.pi * rss / df)))


def _stencil(centres: Array) -> Array:
    """Points ``(B, m, t)`` around each centre ``(B, t)`` from which derivatives are taken."""
    return np.stack([centres + _STEP * np.array(move) for move in _moves(centres.shape[1])], axis=1)


def _moves(t: int) -> list[Array]:
    """Steps to the points: none, each way along each axis, and along each pair of axes."""
    axes = list(np.eye(t))
    moves = [np.zeros(t), *axes, *(-axis for axis in axes)]
    return moves + [axes[i] + axes[j] for i, j in combinations(range(t), 2)]


def _left_to_gain(values: Array) -> Array:
    """Return what a Newton step would gain ``(B,)``, from values ``(B, m)`` on the stencil."""
    t = next(t for t in count(1) if len(_moves(t)) == values.shape[1])
    centre, up, down = values[:, 0], values[:, 1 : t + 1], values[:, t + 1 : 2 * t + 1]
    gradient = (up - down) / (2 * _STEP)
    hessian = np.zeros((len(values), t, t))
    for i in range(t):
        hessian[:, i, i] = (up[:, i] - 2 * centre + down[:, i]) / _STEP**2
    for k, (i, j) in enumerate(combinations(range(t), 2)):
        mixed = values[:, 2 * t + 1 + k] - up[:, i] - up[:, j] + centre
        hessian[:, i, j] = hessian[:, j, i] = mixed / _STEP**2
    curvature, axes = np.linalg.eigh(hessian)
    along = np.einsum("bij,bi->bj", axes, gradient)
    # Along an axis without curvature the criterion is flat, or a step would not end.
    step = along**2 / (2 * np.maximum(curvature, 1e-6))
    gain: Array = np.where(curvature > 1e-6, step, np.abs(along)).sum(axis=1)
    return gain


def _spread(numbers: Array) -> str:
    low, middle, high = np.quantile(numbers, [0.0, 0.5, 1.0])
    return f"{low:.1e} to {high:.1e}, median {middle:.1e}"
