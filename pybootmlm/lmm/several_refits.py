"""Refits of models with several grouping factors, one after the other."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.model import Model
from pybootmlm.lmm.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.optimum import find_optimum
from pybootmlm.lmm.refits import Refits
from pybootmlm.lmm.several_factors import SeveralFactorsProblem
from pybootmlm.lmm.solution import Solution
from pybootmlm.lmm.tail import Tail

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


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
    tails, log_dets = [], np.empty(sets)
    for b in range(sets):
        own = problem.with_response(responses[:, b])
        found = find_optimum(own, model.covariance, model.search, reml, start, (), options)
        state = own.state(found.theta)
        theta[b], converged[b] = found.theta, found.converged
        tails.append(state.tail)
        log_dets[b] = state.log_det_V
    tail = Tail(
        np.concatenate([one.C for one in tails], axis=-1),
        np.concatenate([one.gamma for one in tails], axis=-1),
        np.concatenate([one.r2 for one in tails]),
    )
    df = problem.n - problem.p if reml else problem.n
    return Refits(
        model=model,
        reml=reml,
        theta=theta,
        beta=model.coordinates.beta(tail.gamma).T,
        sigma=model.coordinates.scale * np.sqrt(tail.r2 / df),
        tail=tail,
        log_det_V=log_dets,
        log_weights=np.full(sets, model.coordinates.log_weights),
        n=np.full(sets, problem.n, np.intp),
        converged=converged,
        identified=np.ones(sets, bool),
        materialise=materialise,
    )
