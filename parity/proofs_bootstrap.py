"""Proofs of the deviations that bootstraps and their intervals show."""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Model
from parity.compare import Comparison, compare
from parity.implementation import Fitted
from parity.judges.replicates import at_points, lost_by_r, r_thetas, replay, thetas
from parity.probes.emulated import (
    CLUSTERS_MERGED,
    LEVEL_ORDER,
    OFFSET_LEFT_OUT,
    POOLS,
    WEIGHTS_IGNORED,
)
from parity.tolerances import Tolerance
from parity.trial import Trial, thin_alike
from parity.values import Value
from pybootmlm.formula import parse_formula

Array = NDArray[np.float64]
Evidence = Mapping[str, str]

_POOLS = ("effects", "errors")
_STEP = 1e-3
_LEFT = 1e-5  # what lme4's optimiser may leave to gain, ten times its tolerance
_MOST = 0.8  # of the replicates: the others stop early, or at the boundary


def refits_with_one_degree_of_freedom(trial: Trial) -> Evidence | None:
    """Count n - 1 degrees of freedom for n - p in our criterion: then R's refits are optima.

    At R's thetas that criterion must be the one that R's refits report, and R's thetas must be
    where it is least: a Newton step from there gains no more than lme4's optimiser leaves. Ours
    must be the optima of the right criterion, which R's own deviance function confirms.
    """
    fitted, _ = trial.model_sides()
    kept = ~lost_by_r(trial)
    if not kept.any():
        return None
    n = float(trial.answer.evidence["rows"].numbers[0])
    p = len(fitted.quantity("fixef").numbers)
    found = at_points(trial, _stencil(r_thetas(trial)))[kept]
    right, rss = found[:, :, -1], found[:, :, -2] ** 2 * (n - p)
    wrong = right + _profiled(n - 1, rss) - _profiled(n - p, rss)
    link = Tolerance("emulated", "link", 1e-8, 1e-10, "element", "the same formula")
    reported = Value.of(trial.answer.evidence["reported"].numbers[kept])
    same = compare(reported, Value.of(wrong[:, 0]), link)
    own = compare(Value.of(trial.expected.numbers[kept, -1]), Value.of(right[:, 0]), link)
    replayed = replay(trial)
    left_wrong, left_right = _left_to_gain(wrong, trial), _left_to_gain(right, trial)
    settled = left_wrong <= _LEFT
    proved = (
        same.passed
        and own.passed
        and replayed.exact.passed
        and replayed.own.passed
        and bool((replayed.excess <= trial.tolerance.criterion).all())
        and settled.mean() >= _MOST
    )
    if not proved:
        return None
    return {
        "replicates": str(len(settled)),
        "criterion that R's refits report, against ours with n - 1 at R's theta": (
            f"differ by at most {same.max_abs:.1e}"
        ),
        "with n - 1 degrees of freedom, left to gain at R's thetas": _spread(left_wrong),
        "with n - p, which is right, left to gain there": _spread(left_right),
        "R's own deviance function at R's thetas, against ours there": (
            f"differ by at most {own.max_abs:.1e}"
        ),
        "our optimum less R's, by that function": (
            f"{replayed.excess.min():.2e} to {replayed.excess.max():.2e}"
        ),
    }


def offset_left_out(trial: Trial) -> Evidence | None:
    """Leave the offset out of our responses, or take it for residuals: then they are R's."""
    return _with_mistake(trial, OFFSET_LEFT_OUT, "with the offset left out as R leaves it out")


def errors_in_level_order(trial: Trial) -> Evidence | None:
    """Lay our errors, drawn cluster by cluster, on the rows as they come: then they are R's."""
    said = "with the errors of each cluster on other clusters' rows"
    return _with_mistake(trial, LEVEL_ORDER, said)


def weights_ignored(trial: Trial) -> Evidence | None:
    """Give every row errors of the same variance: then our responses are R's."""
    return _with_mistake(trial, WEIGHTS_IGNORED, "with errors of one variance, whatever the weight")


def clusters_merged(trial: Trial) -> Evidence | None:
    """Let a cluster that is drawn twice be one: then the models of every replicate are R's."""
    return _with_mistake(trial, CLUSTERS_MERGED, "with a cluster drawn twice taken for one")


def other_pools(trial: Trial) -> Evidence | None:
    """Draw from R's effects and errors: then our responses are R's. Show which are the right ones.

    Rescaled effects must have the model's second moments; least-squares residuals the least sum of
    squares.
    """
    evidence = trial.answer.evidence
    if "effects" not in evidence:
        return None
    agrees = _with_mistake(trial, POOLS, "drawn from R's effects and errors")
    fitted, theta = trial.model_sides()
    ours = {
        part: fitted.quantity(f"{part}_pool", theta, **trial.case.inputs).numbers
        for part in ("effect", "error")
    }
    theirs = {"effect": evidence["effects"].numbers, "error": evidence["errors"].numbers}
    if agrees is None:
        return None
    if trial.case.inputs["type"] == "reb":
        squares = [float((side["error"] ** 2).sum()) for side in (theirs, ours)]
        what = "sum of squares of the residuals, R's and ours (the least is right)"
        scaled = bool(trial.case.inputs.get("reb_scale"))
        if scaled or squares[1] >= squares[0]:
            return agrees if scaled else None
        return {**agrees, what: f"{squares[0]:.10g} and {squares[1]:.10g}"}
    misses = [_moments_missed(fitted, theta, side["effect"]) for side in (theirs, ours)]
    if not misses[1] < 1e-6 < misses[0]:
        return None
    what = "second moments of the rescaled effects, R's and ours, off the model's by"
    return {**agrees, what: f"{misses[0]:.1e} and {misses[1]:.1e} of the largest"}


def _moments_missed(fitted: Fitted, theta: Array, pool: Array) -> float:
    """Return how far covariances of a pool of one term's effects are off the model's."""
    q = int((np.sqrt(8 * len(theta) + 1) - 1) / 2)
    effects = pool.reshape(q, -1, order="F")
    found = np.cov(effects, bias=True).reshape(q, q)
    L = np.zeros((q, q))
    at = 0
    for column in range(q):
        L[column:, column] = theta[at : at + q - column]
        at += q - column
    model = float(fitted.quantity("sigma", theta).numbers[0]) ** 2 * L @ L.T
    return float(np.abs(found - model).max() / np.abs(model).max())


def _with_mistake(trial: Trial, mistake: str, said: str) -> Evidence | None:
    """Make R's mistake in our data: then they, or the models of every replicate, are R's.

    Of replicates R's own estimates are asked for at R's thetas, where nothing is optimised; and
    ours must be what holds of the right data at our thetas.
    """
    fitted, theta = trial.model_sides()
    mistakes, pools = [mistake], {}
    if "effects" in trial.answer.evidence:  # where clusters or singular effects are R's own matter
        mistakes, pools = [mistake, POOLS], {n: trial.answer.evidence[n] for n in _POOLS}
    inputs = {**trial.case.inputs, **pools, "emulate": mistakes}
    wrong = replace(trial.case, inputs=inputs)
    if "reported" not in trial.answer.evidence:
        ours = fitted.quantity(trial.probe.name, theta, **wrong.inputs)
        found = compare(trial.expected, thin_alike(ours, trial.answer), trial.tolerance)
        return _agree(f"our responses {said}, against R's", found)
    found = replay(replace(trial, case=wrong)).exact
    if lost_by_r(trial).all() or not replay(trial).own.passed:
        return None
    return _agree(f"every replicate's model of responses {said}, at R's theta, against R's", found)


def _agree(what: str, found: Comparison) -> Evidence | None:
    return {what: f"agree, to {found.digits:.1f} digits"} if found.passed else None


def every_replicate_is_lost(trial: Trial) -> Evidence | None:
    """Show that R has no replicate, and that ours are those of the data without the rows."""
    model, frame = trial.case.model, trial.frame
    if model is None or frame is None or not np.isnan(trial.expected.numbers).all():
        return None
    complete = trial.fit_rows(_complete(model, frame))
    _, theta = trial.model_sides()
    again = complete.quantity(trial.probe.name, theta, **trial.case.inputs)
    link = Tolerance("chain", "link", 1e-9, trial.tolerance.chain, "column", "a link")
    if not compare(again, trial.observed, link).passed:
        return None
    return {
        "R's replicates": f"all {len(trial.expected.numbers)} are NA, without a message",
        "ours": "those of the same model fitted to the complete rows",
    }


def _complete(model: Model, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which rows have no missing value in what the model reads."""
    read = [*parse_formula(model.formula).columns, model.weights, model.offset]
    columns = [name for name in read if name is not None]
    return np.asarray(frame[columns].notna().all(axis=1), dtype=np.bool_)


def seed_is_discarded(trial: Trial) -> Evidence | None:
    """Show that R's two runs are one without the argument `seed`, and differ with seed = NULL."""
    without = float(trial.answer.evidence["without_it"].numbers[0])
    if (trial.expected.numbers[0], trial.observed.numbers[0], without) != (0.0, 1.0, 1.0):
        return None
    return {
        "R, set.seed(seed) and seed = NULL": "two runs differ",
        "R, set.seed(seed) and no argument seed": "two runs are the same, as ours are",
    }


def all_influence_values_for_each(trial: Trial) -> Evidence | None:
    """Give every statistic the influence values of all: then our limits are R's."""
    fitted, theta = trial.model_sides()
    evidence = dict(trial.answer.evidence)
    by_column = Value.of(evidence["by_column"].numbers)
    ours = compare(by_column, Value.of(trial.observed.numbers), trial.tolerance)
    L = evidence["L"].numbers
    every = Value.of(np.tile(L.ravel(order="F")[:, None], (1, L.shape[1])))
    inputs = {**trial.case.inputs, **{name: evidence[name] for name in trial.probe.takes}}
    wrong = fitted.quantity(trial.probe.name, theta, **{**inputs, "L": every})
    emulated = compare(trial.expected, wrong, trial.tolerance)
    if not ours.passed or not emulated.passed:
        return None
    return {
        "our limits against R's boot.ci, one column of L at a time": f"{ours.digits:.1f} digits",
        "our limits with all of L for each, against R's": f"{emulated.digits:.1f} digits",
    }


def r_has_no_answer(trial: Trial) -> Evidence | None:
    """Accept nothing: where R answers after all, the entry is out of date."""
    del trial
    return None


BOOTSTRAP_PROOFS = (
    refits_with_one_degree_of_freedom,
    offset_left_out,
    errors_in_level_order,
    weights_ignored,
    clusters_merged,
    other_pools,
    every_replicate_is_lost,
    seed_is_discarded,
    all_influence_values_for_each,
    r_has_no_answer,
)


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


def _left_to_gain(values: Array, trial: Trial) -> Array:
    """Return what a Newton step would gain ``(B,)``, from values ``(B, m)`` on the stencil."""
    t = thetas(trial, trial.expected).shape[1]
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
