"""Refits of models with several grouping factors.

Among few random effects the replicates of a batch take their Newton steps together. Among many each
has a search of its own, but all begin at one theta: what depends on theta alone there is computed
once, and so is what average information lacks of the Hessian.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.estimates import least_sigma
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.model import Model
from pybootmlm.lmm.refits.one_factor import Refits, search_together
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.search.optimum import find_optimum
from pybootmlm.lmm.several_factors.dense_criterion import dense_parts, evaluate
from pybootmlm.lmm.several_factors.problem import SeveralFactorsProblem
from pybootmlm.lmm.solution import Solution
from pybootmlm.lmm.tail import Tail

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Where r2 is near 0, the derivatives are infinite.
_QUIET: dict[str, Any] = dict.fromkeys(("divide", "invalid", "over"), "ignore")


@dataclass(frozen=True)
class Found:
    """Ends of the searches for B data sets; `value` (B,) is not finite where there is no optimum.

    `theta` (B, T), `converged` (B,) and `log_det` (B,), and the fixed effects.
    """

    theta: Array
    value: Array
    converged: NDArray[np.bool_]
    log_det: Array
    tail: Tail


def warm(model: Model, reml: bool, start: Array) -> Model:
    """The same model with what all searches that begin at theta `start` (T,) share."""
    problem = model.problem
    assert isinstance(problem, SeveralFactorsProblem)
    if problem.dear is None:
        return model
    search = model.search
    phi = search.phi(search.start_at(start))
    known = problem.with_covariance(search.covariance).at(phi, reml)
    return replace(model, problem=replace(problem, known=known))


def refit_responses(
    model: Model,
    responses: Array,
    reml: bool,
    start: Array,
    materialise: Callable[[int, Solution], "LmerFit"],
    options: NewtonOptions = DEFAULT_OPTIONS,
) -> Refits:
    """Refit each column of `responses` (n, B), weighted and in standardised units, from `start`.

    The model may be `warm`.
    """
    problem = model.problem
    assert isinstance(problem, SeveralFactorsProblem)
    search = _together if problem.dear is None else _one_by_one
    with np.errstate(**_QUIET):
        found = search(model, problem, responses, reml, start, options)
        df = problem.n - problem.p if reml else problem.n
        scale = model.coordinates.scale
        sigma = scale * np.sqrt(found.tail.r2 / df)
        least = least_sigma(len(model.design.factors), scale)
        nothing_left = scale * np.sqrt(np.mean(responses**2, axis=0)) < least
    theta, beta = found.theta.copy(), model.coordinates.beta(found.tail.gamma).T.copy()
    failed = ~np.isfinite(found.value) | ~(sigma >= least) | nothing_left
    theta[failed] = sigma[failed] = beta[failed] = np.nan
    sets = responses.shape[1]
    return Refits(
        model=model,
        reml=reml,
        theta=theta,
        beta=beta,
        sigma=sigma,
        tail=found.tail,
        log_det_V=found.log_det,
        log_weights=np.full(sets, model.coordinates.log_weights),
        n=np.full(sets, problem.n, np.intp),
        converged=found.converged & ~failed,
        identified=np.ones(sets, bool),
        materialise=materialise,
    )


def _together(
    model: Model,
    problem: SeveralFactorsProblem,
    responses: Array,
    reml: bool,
    start: Array,
    options: NewtonOptions,
) -> Found:
    data, sets = problem.few_of(responses), responses.shape[1]

    covariance = model.search.covariance

    def at_phi(points: Array, which: NDArray[np.intp], order: int) -> Evaluation:
        chosen = data if len(which) == sets else data.take(which)
        return evaluate(chosen, covariance, points, reml, order)

    ends, phi = search_together(model, at_phi, sets, start, options)
    parts = dense_parts(data, covariance, phi, 0)
    theta = phi @ model.search.A.T
    return Found(theta, ends.value, ends.converged, parts.log_det.value, parts.tail)


def _one_by_one(
    model: Model,
    problem: SeveralFactorsProblem,
    responses: Array,
    reml: bool,
    start: Array,
    options: NewtonOptions,
) -> Found:
    sets = responses.shape[1]
    theta, value = np.full((sets, len(start)), np.nan), np.full(sets, np.nan)
    converged, tails, log_det = np.zeros(sets, bool), [], np.empty(sets)
    # See `starts_near`.
    starts = model.starts if model.search.correlated else ()
    for b in range(sets):
        own = problem.with_response(responses[:, b])
        try:
            end = find_optimum(own, model.search, reml, start, starts, options)
        except np.linalg.LinAlgError:
            state = own.state(start)
        else:
            theta[b], value[b], converged[b] = end.theta, end.value, end.converged
            state = own.state(end.theta if np.isfinite(end.value) else start)
        tails.append(state.tail)
        log_det[b] = state.log_det_V
    return Found(theta, value, converged, log_det, Tail.joined(tails))
