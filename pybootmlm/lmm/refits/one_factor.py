"""Many refits of one model at once.

A replicate is a data set that shares the model's Z and X and differs in its response, or in
how often each group counts. All replicates of a batch take their Newton steps together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.estimates import SINGULAR, least_sigma
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.model import Model
from pybootmlm.lmm.one_factor.block_criterion import block_profile, evaluate
from pybootmlm.lmm.one_factor.moments import Moments
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions, Objective, Optima, minimise
from pybootmlm.lmm.search.optimum import settle
from pybootmlm.lmm.solution import Solution, solution_of
from pybootmlm.lmm.tail import Tail

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# A pivot of X'V^-1X that is this small a part of its diagonal element is rounding: that column of
# X depends on the others.
NO_PIVOT = 1e-12

# Elements of the largest intermediate array of a batch of replicates: some tens of MB.
BATCH_ELEMENTS = 2_000_000


@dataclass(frozen=True)
class Refits:
    """Solutions of B data sets.

    Attributes
    ----------
    model : Model
    reml : bool
    theta : (B, t) array
    beta : (B, p) array
    sigma : (B,) array
    tail : Tail
        In standardised coordinates.
    log_det_V, log_weights : (B,) arrays
    n : (B,) array of int
        Numbers of rows.
    converged : (B,) array of bool
        False also where there is no optimum; then the numbers are NaN.
    identified : (B,) array of bool
        Whether the columns of X are independent on these rows.
    materialise : callable
        The whole fit of data set b at a solution.
    same_rows : bool
        Whether the data sets have the model's X and Z.
    """

    model: Model
    reml: bool
    theta: Array
    beta: Array
    sigma: Array
    tail: Tail
    log_det_V: Array
    log_weights: Array
    n: NDArray[np.intp]
    converged: NDArray[np.bool_]
    identified: NDArray[np.bool_]
    materialise: Callable[[int, Solution], "LmerFit"]
    same_rows: bool = True

    @property
    def singular(self) -> NDArray[np.bool_]:
        """Which data sets have their optimum on the boundary (B,)."""
        with np.errstate(invalid="ignore"):
            return self.model.covariance.near_boundary(self.theta.T, SINGULAR)

    def __len__(self) -> int:
        return len(self.theta)

    def solution(self, b: int) -> Solution:
        """All numbers of data set `b`."""
        return solution_of(
            self.theta[b],
            self.tail.take(b),
            float(self.log_det_V[b]),
            self.model.coordinates,
            int(self.n[b]),
            self.reml,
            float(self.log_weights[b]),
        )

    def problem_of(self, b: int) -> str | None:
        """Why data set `b` has no estimates, or None."""
        if np.isfinite(self.sigma[b]):
            return None
        if not self.identified[b]:
            return "the fixed effects of this data set are not identifiable"
        return (
            "the fixed and random effects explain this data set exactly, so the criterion falls "
            "without bound: there is no optimum"
        )


def refit_moments(
    model: Model,
    moments: Moments,
    reml: bool,
    start: Array,
    log_weights: Array,
    materialise: Callable[[int, Solution], "LmerFit"],
    options: NewtonOptions = DEFAULT_OPTIONS,
    same_rows: bool = True,
) -> Refits:
    """Refit every data set in `moments`.

    Parameters
    ----------
    model : Model
        A model with one grouping factor.
    moments : Moments
        B data sets.
    reml : bool
    start : (t,) array
        The theta from which all searches start.
    log_weights : (B,) array
        Sum of the log prior weights of each data set.
    materialise : callable
        The whole fit of data set b at a solution.
    """
    search = model.search
    covariance = search.covariance.factors[0]
    sets = len(log_weights)
    identified = np.ones(sets, bool)
    if not same_rows:
        first = search.phi(search.start_at(start))
        identified = _identified(moments, covariance.Lambda(first[:, None]))
        # No criterion without estimates: NaN keeps these data sets out of the search.
        moments = replace(moments, Wyy=np.where(identified, moments.Wyy, np.nan))

    def at_phi(points: Array, which: NDArray[np.intp], order: int) -> Evaluation:
        chosen = moments if len(which) == sets else moments.take(which)
        return evaluate(chosen, covariance, points, reml, order)

    ends, phi = search_together(model, at_phi, sets, start, options)
    theta = phi @ search.A.T
    profile = block_profile(moments, covariance.Lambda(phi.T))
    scale = model.coordinates.scale
    df = moments.n - moments.p if reml else moments.n
    with np.errstate(invalid="ignore"):
        sigma = scale * np.sqrt(profile.tail.r2 / df)
    failed = ~np.isfinite(ends.value) | ~(sigma >= least_sigma(1, scale))
    theta[failed] = sigma[failed] = np.nan
    beta = model.coordinates.beta(profile.tail.gamma).T.copy()
    beta[failed] = np.nan
    return Refits(
        model=model,
        reml=reml,
        theta=theta,
        beta=beta,
        sigma=sigma,
        tail=profile.tail,
        log_det_V=profile.log_det_V,
        log_weights=log_weights,
        n=moments.n.astype(np.intp),
        converged=ends.converged & ~failed,
        identified=identified,
        materialise=materialise,
        same_rows=same_rows,
    )


def search_together(
    model: Model, at_phi: Objective, sets: int, start: Array, options: NewtonOptions
) -> tuple[Optima, Array]:
    """Where the searches for `sets` data sets end that begin at theta `start`.

    The ends are those of the coordinates z; `at_phi` takes the criterion's parameters, and the
    settled ones (sets, T) are given back.
    """
    search = model.search

    def objective(points: Array, which: NDArray[np.intp], order: int) -> Evaluation:
        return search.pull(points, at_phi(search.phi(points), which, order))

    # Where nothing is left to explain, r2 is 0 and the derivatives are infinite.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first, *others = search.starts_near(start, model.starts)
        ends = minimise(objective, np.tile(first, (sets, 1)), options)
        for other in others:
            ends = ends.or_lower(minimise(objective, np.tile(other, (sets, 1)), options))
        phi = settle(search.phi(ends.theta), ends.value, at_phi, search)[0]
    return ends, phi


def _identified(moments: Moments, Lambda: Array) -> NDArray[np.bool_]:
    """Whether each data set has independent columns of X (B,)."""
    C = block_profile(moments, Lambda).tail.C
    if not len(C):
        return np.ones(len(moments.n), bool)
    pivots = np.array([C[i, i] ** 2 for i in range(len(C))])
    return np.asarray((pivots > NO_PIVOT * (C**2).sum(axis=1)).all(axis=0))


def batches(total: int, elements_each: int) -> Iterator[NDArray[np.intp]]:
    """Positions 0..total - 1 in batches whose arrays stay within `BATCH_ELEMENTS`."""
    size = max(1, BATCH_ELEMENTS // max(1, elements_each))
    for start in range(0, total, size):
        yield np.arange(start, min(total, start + size))
