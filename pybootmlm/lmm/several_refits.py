"""Refits of models with several grouping factors, one after the other."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.estimates import least_sigma
from pybootmlm.lmm.model import Model
from pybootmlm.lmm.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.optimum import Optimum, find_optimum
from pybootmlm.lmm.refits import Refits
from pybootmlm.lmm.several_factors import SeveralFactorsProblem
from pybootmlm.lmm.solution import Solution
from pybootmlm.lmm.tail import Tail

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Where r2 is near 0, the derivatives are infinite.
_QUIET: dict[str, Any] = dict.fromkeys(("divide", "invalid", "over"), "ignore")


def refit_responses(
    model: Model,
    responses: Array,
    reml: bool,
    start: Array,
    materialise: Callable[[int, Solution], "LmerFit"],
    options: NewtonOptions = DEFAULT_OPTIONS,
) -> Refits:
    """Refit each column of `responses` (n, B), weighted and in standardised units, from `start`."""
    problem = model.problem
    assert isinstance(problem, SeveralFactorsProblem)
    sets, t = responses.shape[1], len(start)
    theta = np.empty((sets, t))
    converged = np.zeros(sets, bool)
    tails, log_dets, values = [], np.empty(sets), np.empty(sets)
    for b in range(sets):
        own = problem.with_response(responses[:, b])
        found = _optimum(own, responses[:, b], model, reml, start, options)
        theta[b] = np.nan if found is None else found.theta
        converged[b] = found is not None and found.converged
        values[b] = np.nan if found is None else found.value
        with np.errstate(**_QUIET):
            state = own.state(start if found is None else found.theta)
        tails.append(state.tail)
        log_dets[b] = state.log_det_V
    tail = Tail(
        np.concatenate([one.C for one in tails], axis=-1),
        np.concatenate([one.gamma for one in tails], axis=-1),
        np.concatenate([one.r2 for one in tails]),
    )
    df = problem.n - problem.p if reml else problem.n
    scale = model.coordinates.scale
    sigma = scale * np.sqrt(tail.r2 / df)
    beta = model.coordinates.beta(tail.gamma).T.copy()
    least = least_sigma(len(model.design.factors), scale)
    failed = ~np.isfinite(values) | ~(sigma >= least)
    theta[failed] = sigma[failed] = beta[failed] = np.nan
    return Refits(
        model=model,
        reml=reml,
        theta=theta,
        beta=beta,
        sigma=sigma,
        tail=tail,
        log_det_V=log_dets,
        log_weights=np.full(sets, model.coordinates.log_weights),
        n=np.full(sets, problem.n, np.intp),
        converged=converged & ~failed,
        identified=np.ones(sets, bool),
        materialise=materialise,
    )


def _optimum(
    problem: SeveralFactorsProblem,
    y: Array,
    model: Model,
    reml: bool,
    start: Array,
    options: NewtonOptions,
) -> Optimum | None:
    """Where the search ends; None where nothing is left to explain, and r2 is 0 at any theta."""
    if np.sqrt(np.mean(y**2)) < least_sigma(len(model.design.factors), 1.0):
        return None
    try:
        with np.errstate(**_QUIET):
            return find_optimum(problem, model.covariance, model.search, reml, start, (), options)
    except np.linalg.LinAlgError:
        return None
