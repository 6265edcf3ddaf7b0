"""Influence values: near R's, and proved by a chain of recomputations that are tight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Model
from parity.compare import compare
from parity.errors import CaseError
from parity.implementation import Fitted
from parity.judges.agreement import criteria_agree
from parity.referee.slopes import slopes_of
from parity.tolerances import Tolerance
from parity.trial import Trial, thin_alike
from parity.values import Value
from parity.verdict import Cause, Finding, Ruling, Side, Verdict
from pybootmlm.design.model import ModelDesign, build_design

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Deletions:
    """Each cluster left out once: statistics and criteria at our optima and at R's points.

    Attributes
    ----------
    sizes
        ``(J,)`` rows of each cluster.
    at_ours, at_r
        ``(J, k)`` statistics.
    criterion_ours, criterion_r
        ``(J,)`` our criterion function of the remaining data at both.
    """

    sizes: Array
    at_ours: Array
    at_r: Array
    criterion_ours: Array
    criterion_r: Array


def judge_influence(trial: Trial) -> Finding:
    """Compare directly, then link by link.

    The links: our values against the jackknife of our own refits of every deletion;
    R's values against the jackknife at the points where R's refits stopped; our criterion
    against R's at those points; and at every deletion ours no higher than R's.
    """
    fitted, theta = trial.model_sides()
    answer, tolerance = trial.answer, trial.tolerance
    comparison = compare(trial.expected, trial.observed, tolerance)
    if not comparison.comparable:
        return Finding(Verdict.MISMATCH, comparison.problem, comparison)
    deleted = _deletions(trial)
    whole = statistics_at(fitted, _names(trial), theta)
    ours = _like(trial, jackknife(whole, deleted.at_ours, deleted.sizes))
    theirs = _like(trial, jackknife(whole, deleted.at_r, deleted.sizes))
    link = Tolerance("chain", tolerance.tier, 1e-10, tolerance.chain, "column", "a link")
    first = compare(ours, trial.observed, link)
    second = compare(theirs, trial.expected, link)
    recorded = answer.evidence["criterion_deleted"].numbers
    excess = deleted.criterion_ours - deleted.criterion_r
    evidence = {
        "ours against the jackknife of our own refits": _link(first.max_abs, first.digits),
        "R's against the jackknife at R's stopping points": _link(second.max_abs, second.digits),
        "criterion at R's stopping points, R's less ours": (
            f"at most {np.abs(recorded - deleted.criterion_r).max():.2e}"
        ),
        "our optimum less R's, over the deletions": (
            f"{excess.min():.2e} to {excess.max():.2e} (allowed: up to {tolerance.criterion:g})"
        ),
        "deletions": str(len(deleted.sizes)),
    }

    def finding(verdict: Verdict, reason: str) -> Finding:
        return Finding(verdict, reason, comparison, evidence)

    if not first.passed:
        return finding(Verdict.MISMATCH, f"not the jackknife of our own refits: {first.problem}")
    if not second.passed:
        reason = f"R's values are not the jackknife at its own points: {second.problem}"
        return finding(Verdict.MISMATCH, reason)
    pairs = zip(recorded, deleted.criterion_r, strict=True)
    if not all(criteria_agree(float(r), float(us)) for r, us in pairs):
        return finding(Verdict.MISMATCH, "the deviance functions of a deletion differ")
    if not (excess <= tolerance.criterion).all():
        return finding(Verdict.MISMATCH, "in a deletion our optimum is the worse one")
    if comparison.passed:
        return finding(Verdict.MATCH, "the same influence values, every link holds")
    reason = (
        "R's refits stop at lme4's tolerance: recomputed at R's stopping points the values "
        "are R's, and ours belong to optima that are no higher"
    )
    ruling = rule(excess, *_promised(trial, int(np.argmax(np.abs(excess)))))
    return replace(finding(Verdict.EXPLAINED, reason), ruling=ruling)


def rule(excess: Array, ours: float, theirs: float) -> Ruling:
    """Say whose deletions ended nearer to their optima, and so whose values are the better ones.

    Parameters
    ----------
    excess
        ``(J,)`` our optimum less R's.
    ours, theirs
        What a Newton step promises from our point and from R's, where they are farthest apart.
    """
    lower, higher = max(0.0, -excess.min()), max(0.0, excess.max())
    measured = (
        f"the optima of Python's {len(excess)} deletions are lower than R's by up to {lower:.1e}, "
        f"{f'higher by up to {higher:.1e}' if higher else 'none is higher'}; where they are "
        f"farthest apart, a Newton step from R's promises {theirs:.1e}, from Python's {ours:.1e}"
    )
    if higher < lower and ours < theirs:
        sentence = f"Python's values are the better ones: {measured}"
        return Ruling(Side.PYTHON, Cause.EARLY_STOP, sentence)
    sentence = f"open, both stop within what is allowed: {measured}"
    return Ruling(Side.OPEN, Cause.EARLY_STOP, sentence)


def _promised(trial: Trial, deletion: int) -> tuple[float, float]:
    """Return what a Newton step promises from our optimum of a deletion, and from R's point."""
    model, frame = trial.case.model, trial.frame
    stops = trial.answer.evidence["theta_deleted"]
    assert model is not None
    assert frame is not None
    assert stops.rows is not None
    fit = trial.fit_rows(_labels(model, frame) != stops.rows[deletion])
    stop, units = stops.numbers[deletion], np.ones(stops.numbers.shape[1])
    ours, theirs = (slopes_of(fit, at, units).gain for at in (np.asarray(fit.theta), stop))
    return ours, theirs


def jackknife_of_refits(trial: Trial) -> Array:
    """Influence values (J, k) or (J,) by our fits of all rows and without each cluster."""
    fitted, theta = trial.model_sides()
    model, frame = trial.case.model, trial.frame
    assert model is not None
    assert frame is not None
    labels, names = _labels(model, frame), _names(trial)
    fits = [trial.fit_rows(labels != level) for level in _levels(model, frame)]
    deleted = np.array([statistics_at(fit, names, np.asarray(fit.theta)) for fit in fits])
    sizes = np.array([_rows(fitted) - _rows(fit) for fit in fits])
    values = jackknife(statistics_at(fitted, names, theta), deleted, sizes)
    return values[:, trial.case.inputs["index"]] if "index" in trial.case.inputs else values


def jackknife(whole: Array, deleted: Array, sizes: Array) -> Array:
    """Influence values (J, k) of the delete-a-cluster jackknife.

    Van der Leeden, Meijer and Busing (2008, pages 420 to 422), for clusters of unequal size.

    Parameters
    ----------
    whole
        ``(k,)`` statistics of all data.
    deleted
        ``(J, k)`` statistics without each cluster.
    sizes
        ``(J,)`` rows of each cluster.
    """
    h = (sizes.sum() / sizes)[:, None]
    pooled = len(sizes) * whole - ((1 - 1 / h) * deleted).sum(axis=0)
    pseudo = h * whole - (h - 1) * deleted
    return np.asarray((h - 1) * (pseudo - pooled))


def statistics_at(fitted: Fitted, names: Sequence[str], theta: Array) -> Array:
    """Return the named statistics ``(k,)`` of a fit at a theta, through the protocol alone."""
    parts: list[Array] = []
    for name in names:
        if name == "theta":
            parts.append(theta)
        elif name == "icc":
            parts.append(theta[:1] ** 2 / (1 + theta[:1] ** 2))
        else:
            parts.append(fitted.quantity(name, theta).numbers)
    return np.concatenate(parts)


def _deletions(trial: Trial) -> Deletions:
    model, frame = trial.case.model, trial.frame
    stops = trial.answer.evidence["theta_deleted"]
    if model is None or frame is None or stops.rows is None:
        message = f"case '{trial.case.id}' deletes clusters, but it has no model"
        raise CaseError(message)
    fitted, _ = trial.model_sides()
    labels = _labels(model, frame)
    names = _names(trial)
    rows: list[tuple[float, Array, Array, float, float]] = []
    for level, stop in zip(stops.rows, stops.numbers, strict=True):
        keep = labels != level
        fit = trial.fit_rows(keep)
        rows.append(
            (
                _rows(fitted) - _rows(fit),
                statistics_at(fit, names, fit.theta),
                statistics_at(fit, names, stop),
                fit.criterion(fit.theta),
                fit.criterion(stop),
            )
        )
    return Deletions(*(np.array(column) for column in zip(*rows, strict=True)))


def _labels(model: Model, frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return the level of each row's cluster ``(n,)``; None where the row is not used."""
    design = _design(model, frame)
    factor = design.factors[0]
    labels = np.full(len(frame), None, dtype=object)
    labels[design.kept] = np.array(factor.levels, dtype=object)[factor.codes]
    return labels


def _levels(model: Model, frame: pd.DataFrame) -> Sequence[object]:
    return tuple(_design(model, frame).factors[0].levels)


def _design(model: Model, frame: pd.DataFrame) -> ModelDesign:
    return build_design(model.formula, frame, weights=model.weights, offset=model.offset)


def _rows(fitted: Fitted) -> float:
    """Return the number of rows that a fit uses: rows with missing values are not counted."""
    return float(fitted.quantity("shape").numbers[0])


def _names(trial: Trial) -> Sequence[str]:
    names: Sequence[str] = trial.case.inputs["statistics"]
    return names


def _like(trial: Trial, values: Array) -> Value:
    """Give recomputed values the shape of the case's: one column, or all."""
    if "index" in trial.case.inputs:
        values = values[:, trial.case.inputs["index"]]
    rows = trial.answer.evidence["theta_deleted"].rows
    names = (rows,) if values.ndim == 1 else (rows, trial.expected.columns)
    labelled = Value(values, names, np.zeros(values.shape, bool))
    return thin_alike(labelled, trial.answer)


def _link(max_abs: float, digits: float) -> str:
    return f"differs by at most {max_abs:.2e}, {digits:.1f} digits"
