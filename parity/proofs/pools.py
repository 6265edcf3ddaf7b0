"""Pools that R makes in another way where effects are singular, or columns depend on each other."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.judges.replicates import lost_by_r, replay
from parity.probes import probe_of
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.trial import Trial, thin_alike
from pybootmlm import LmerFit

Array = NDArray[np.float64]
_RIGHT = 1e-6  # of the largest moment: what is nearer is rounding
_POOLS = ("effects", "errors")


def drawn_from_the_pools_of_r(trial: Trial) -> Evidence | None:
    """Draw from R's effects and errors: then our data are R's. Show whose pools are right.

    Rescaled effects must have the model's second moments; least-squares residuals the least sum of
    squares.
    """
    evidence = trial.answer.evidence
    if "effects" not in evidence:
        return None
    pools = {name: evidence[name] for name in _POOLS}
    inputs = {**trial.case.inputs, **pools, "as_r": ["pools", *trial.as_r]}
    same = _same_data(replace(trial, case=replace(trial.case, inputs=inputs)), trial)
    whose = _whose_are_right(trial)
    return None if same is None or whose is None else {**same, **whose}


def _same_data(wrong: Trial, trial: Trial) -> Evidence | None:
    """Compare data made with R's pools, or estimates of replicates made of such data, with R's."""
    said = "ours drawn from R's effects and errors, against R's"
    if "reported" not in trial.answer.evidence:
        ours = probe_of(trial.case.quantity).compute(native_fit(trial), wrong.case.inputs)
        found = compare(trial.expected, thin_alike(ours, trial.answer), trial.tolerance)
        right = probe_of(trial.case.quantity).compute(native_fit(trial), trial.case.inputs)
        own = compare(thin_alike(right, trial.answer), trial.observed, trial.tolerance)
        return {said: agree(found)} if found.passed and own.passed else None
    found = replay(wrong).exact
    if lost_by_r(trial).all() or not found.passed or not replay(trial).own.passed:
        return None
    return {f"{said}, at R's thetas": agree(found)}


def _whose_are_right(trial: Trial) -> Evidence | None:
    fit, evidence = native_fit(trial), trial.answer.evidence
    effects, errors = (
        probe_of(name).compute(fit, trial.case.inputs).numbers
        for name in ("effect_pool", "error_pool")
    )
    if trial.case.inputs["type"] == "reb":
        return _least_squares(trial, evidence["errors"].numbers, errors)
    theirs, ours = (_missed(fit, pool) for pool in (evidence["effects"].numbers, effects))
    if not ours < _RIGHT < theirs:
        return None
    what = "second moments of the rescaled effects, R's and ours, off the model's by"
    return {what: f"{theirs:.1e} and {ours:.1e} of the largest"}


def _least_squares(trial: Trial, theirs: Array, ours: Array) -> Evidence | None:
    squares = float((theirs**2).sum()), float((ours**2).sum())
    if trial.case.inputs.get("reb_scale"):  # then they have the same sum of squares
        return {}
    if squares[1] >= squares[0]:
        return None
    what = "sum of squares of the residuals, R's and ours (the least is right)"
    return {what: f"{squares[0]:.10g} and {squares[1]:.10g}"}


def _missed(fit: LmerFit, pool: Array) -> float:
    """Return how far the covariances of a pool are off the model's, over the largest."""
    at, missed, largest = 0, 0.0, 0.0
    for L, term in zip(
        fit.labels.covariance.term_matrices(fit.theta), fit.design.terms, strict=True
    ):
        q, J = len(L), len(fit.design.factors[term.factor].levels)
        effects = pool[at : at + q * J].reshape(q, J, order="F")
        at += q * J
        model = fit.sigma**2 * L @ L.T
        found = np.cov(effects, bias=True).reshape(q, q)
        missed = max(missed, float(np.abs(found - model).max()))
        largest = max(largest, float(np.abs(model).max()))
    return missed / largest
