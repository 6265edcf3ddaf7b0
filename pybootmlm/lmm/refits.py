"""Many refits of one model at once.

A replicate is a data set that shares the model's Z and X and differs in its response, or in
how often each group counts. All replicates of a chunk take their Newton steps together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.block_criterion import block_profile, evaluate
from pybootmlm.lmm.estimates import Estimates
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.model import Model
from pybootmlm.lmm.moments import Moments
from pybootmlm.lmm.newton import DEFAULT_OPTIONS, NewtonOptions, minimise
from pybootmlm.lmm.optimum import FLOOR, settle
from pybootmlm.lmm.solution import Solution, solution_of

Array = NDArray[np.float64]

# Elements of the largest intermediate array of a chunk of replicates: some tens of MB.
CHUNK_ELEMENTS = 2_000_000


@dataclass(frozen=True)
class Refit(Estimates):
    """A refit as a statistic sees it.

    It answers like a fit. Estimates cost nothing; what needs the rows (random effects, fitted
    values, ...) is made when it is first asked for.

    Attributes
    ----------
    converged : bool
    materialise : callable
        Gives the whole fit.
    """

    converged: bool
    materialise: Callable[[], LmerFit] = field(repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in LmerFit.__dict__ | LmerFit.__dataclass_fields__:
            raise AttributeError(f"a refit has no attribute {name!r}")
        full = self.__dict__.get("_full")
        if full is None:
            full = self.materialise()
            object.__setattr__(self, "_full", full)
        return getattr(full, name)


def refit_moments(
    model: Model,
    moments: Moments,
    reml: bool,
    theta: Array,
    log_weights: Array,
    materialise: Callable[[int, Solution], LmerFit],
    options: NewtonOptions = DEFAULT_OPTIONS,
) -> list[Refit | str]:
    """Refit every data set in `moments`, from `theta`; a string says why one has no optimum.

    Parameters
    ----------
    model : Model
        A model with one grouping factor.
    moments : Moments
        B data sets.
    reml : bool
    theta : (t,) array
        Where to start.
    log_weights : (B,) array
        Sum of the log prior weights of each data set.
    materialise : callable
        The whole fit of data set b at a solution.
    """
    covariance = model.covariance.factors[0]
    A = model.search.A
    start = model.search.to_search(theta)
    diagonal = model.covariance.on_diagonal
    start[diagonal] = np.maximum(np.abs(start[diagonal]), FLOOR)
    sets = len(log_weights)

    def objective(points: Array, which: NDArray[np.intp], order: int) -> Evaluation:
        chosen = moments if len(which) == sets else moments.take(which)
        found = evaluate(chosen, covariance, points @ A.T, reml, order)
        gradient = None if found.gradient is None else found.gradient @ A
        hessian = None if found.hessian is None else A.T @ found.hessian @ A
        return Evaluation(found.value, gradient, hessian)

    ends = minimise(objective, np.tile(start, (sets, 1)), options)
    out: list[Refit | str] = []
    thetas = np.empty_like(ends.theta)
    for b in range(sets):
        one = np.array([b])

        def value_of(points: Array, _: NDArray[np.intp], order: int, one: Any = one) -> Evaluation:
            return objective(points, one, order)

        found, _ = settle(ends.theta[b], float(ends.value[b]), value_of, model.covariance)
        thetas[b] = A @ found
    profile = block_profile(moments, covariance.Lambda(thetas.T))
    for b in range(sets):
        if not np.isfinite(ends.value[b]):
            out.append("the fixed effects of this data set are not identifiable")
            continue
        solution = solution_of(
            thetas[b],
            profile.tail.take(b),
            float(profile.log_det_V[b]),
            model.coordinates,
            int(moments.n[b]),
            reml,
            float(log_weights[b]),
        )
        full = partial(materialise, b, solution)
        out.append(Refit(solution, model.labels, bool(ends.converged[b]), full))
    return out


def chunks(total: int, elements_each: int) -> Iterator[NDArray[np.intp]]:
    """Positions 0..total - 1 in chunks whose arrays stay within `CHUNK_ELEMENTS`."""
    size = max(1, CHUNK_ELEMENTS // max(1, elements_each))
    for start in range(0, total, size):
        yield np.arange(start, min(total, start + size))
