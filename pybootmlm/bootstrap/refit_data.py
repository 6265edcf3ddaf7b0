"""From resampled data to refits: the right batch engine for each kind of data."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.moments import ResponseMoments, RowMoments
from pybootmlm.linalg.group_qr import group_sums
from pybootmlm.lmm.fit import LmerFit, evaluate_at
from pybootmlm.lmm.model import Model, build_model
from pybootmlm.lmm.one_factor.moments import Moments
from pybootmlm.lmm.one_factor.problem import OneFactorProblem
from pybootmlm.lmm.refits.cluster_moments import ClusterMoments
from pybootmlm.lmm.refits.one_factor import Refits, refit_moments
from pybootmlm.lmm.refits.rows_taken import take_rows
from pybootmlm.lmm.refits.several_factors import refit_responses, warm
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.solution import Solution
from pybootmlm.resampling.scheme import Resamples, Responses

Array = NDArray[np.float64]
Refitter = Callable[[Any], Refits]


def refitter(fit: LmerFit, options: NewtonOptions = DEFAULT_OPTIONS) -> Refitter:
    """A function that refits a batch of `Responses` or `Resamples`; it may be called in threads."""
    if not isinstance(fit.model.problem, OneFactorProblem):
        model = warm(fit.model, fit.reml, fit.theta).relative_to(fit.beta)
        return lambda data: _several(fit, model, data, options)
    responses = ResponseMoments(fit)
    clusters = ClusterMoments(fit.model.problem)
    rows = RowMoments(fit)

    def refit(data: Responses | Resamples) -> Refits:
        if isinstance(data, Responses):
            return _responses(fit, data, responses(data), options)
        if data.rows is None:
            return _resamples(fit, data, clusters(data.multiplicity), options)
        return _resamples(fit, data, rows(data), options)

    return refit


def elements_each(fit: LmerFit) -> int:
    """Elements of the largest intermediate array that one replicate needs."""
    theta, p = fit.theta.size, fit.beta.size
    q = max(factor.size for factor in fit.labels.covariance.factors)
    levels = max(len(factor.levels) for factor in fit.design.factors)
    several = len(fit.design.factors) > 1 and fit.model.problem.dear is None
    # Few effects of several factors stand together in one matrix a replicate.
    dense = fit.b.size**2 if several else 0
    return max(fit.nobs, levels * q * (q + p + 1), theta**2, dense)


def _responses(fit: LmerFit, data: Responses, moments: Moments, options: NewtonOptions) -> Refits:
    model = fit.model.relative_to(fit.beta)
    log_weights = np.full(len(data), model.coordinates.log_weights)

    def materialise(b: int, solution: Solution) -> LmerFit:
        one = Responses(data.fixed, tuple(x[..., [b]] for x in data.effects), data.errors[:, [b]])
        return evaluate_at(fit.model.with_response(one.y(fit)[:, 0]), solution.theta, fit.reml)

    return refit_moments(model, moments, fit.reml, fit.theta, log_weights, materialise, options)


def _resamples(fit: LmerFit, data: Resamples, moments: Moments, options: NewtonOptions) -> Refits:
    factor = fit.design.factors[0]

    def rows_of(b: int) -> list[NDArray[np.intp]]:
        if data.rows is not None:
            return list(data.rows[b])
        ends = np.cumsum(np.bincount(factor.codes))[:-1]
        by_level = np.split(np.argsort(factor.codes, kind="stable"), ends)
        return [by_level[j] for j in data.clusters[b]]

    def materialise(b: int, solution: Solution) -> LmerFit:
        parts = rows_of(b)
        codes = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        levels = tuple(str(j + 1) for j in range(len(parts)))
        design = take_rows(fit.design, np.concatenate(parts), codes, levels)
        return evaluate_at(build_model(design), solution.theta, fit.reml)

    return refit_moments(
        fit.model,
        moments,
        fit.reml,
        fit.theta,
        _log_weights(fit, data),
        materialise,
        options,
        same_rows=False,
    )


def _log_weights(fit: LmerFit, data: Resamples) -> Array:
    """Sum of the log prior weights of each data set (B,)."""
    if fit.design.weights is None:
        return np.zeros(len(data))
    logs = np.log(fit.design.weights)
    if data.rows is None:
        by_cluster = group_sums(logs, fit.design.factors[0].codes, data.clusters.shape[1])
        return data.multiplicity @ by_cluster
    return np.array([logs[np.concatenate(drawn)].sum() for drawn in data.rows])


def _several(fit: LmerFit, model: Model, data: Responses, options: NewtonOptions) -> Refits:
    scale = model.coordinates.scale
    y = model.coordinates.weigh(data.y(fit) - data.fixed[:, None]) / scale

    def materialise(b: int, solution: Solution) -> LmerFit:
        response = y[:, b] * scale
        if model.coordinates.root_weights is not None:
            response = response / model.coordinates.root_weights
        changed = fit.model.with_response(data.fixed + response)
        return evaluate_at(changed, solution.theta, fit.reml)

    return refit_responses(model, y, fit.reml, fit.theta, materialise, options)
