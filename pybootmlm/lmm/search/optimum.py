"""The minimum of the criterion, and the one theta that stands for it."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.problem import DearProblem, Problem
from pybootmlm.lmm.search.coordinates import SearchCoordinates
from pybootmlm.lmm.search.newton import NewtonOptions, Objective, Optima, decrements, minimise
from pybootmlm.lmm.search.quasi_newton import minimise_by_learning

Array = NDArray[np.float64]

# Diagonal entries of Lambda, relative to the data, that may be zero, and the rise in the
# criterion (relative to its size) at which they are taken to be.
NEAR_ZERO = 1e-3
FREE_RISE = 1e-12


@dataclass(frozen=True)
class Optimum:
    """The end of a search.

    Attributes
    ----------
    theta : (t,) array
        Canonical: diagonal entries of Lambda are not negative.
    value : float
        The criterion there, in the coordinates of the problem.
    decrement : float
        Newton decrement at the end, 0 at an exact optimum.
    converged : bool
    evaluations : int
    """

    theta: Array
    value: float
    decrement: float
    converged: bool
    evaluations: int


# A step may lead where nothing is left to explain, or past the range of floating point: the
# criterion is not finite there, and the step is taken back.
@np.errstate(divide="ignore", over="ignore", invalid="ignore")
def find_optimum(
    problem: Problem,
    coordinates: SearchCoordinates,
    reml: bool,
    start: Array | None,
    starts: tuple[float, ...],
    options: NewtonOptions,
) -> Optimum:
    """Minimise the criterion over theta, from `start` (t,) and effects of the sizes `starts`."""
    inner = problem.with_covariance(coordinates.covariance)

    def at_phi(points: Array, _: NDArray[np.intp], order: int) -> Evaluation:
        return inner.evaluate(points, reml, order)

    def objective(points: Array, which: NDArray[np.intp], order: int) -> Evaluation:
        return coordinates.pull(points, at_phi(coordinates.phi(points), which, order))

    points = coordinates.starts(starts)
    if start is not None:
        points = [coordinates.start_at(start), *points]
    if inner.dear is None:
        ends = minimise(objective, np.array(points), options)
    else:
        if starts:
            sizes = inner.dear.moment_start()
            blind = coordinates.start_of(sizes)
            large = coordinates.start_of(np.ones_like(sizes))
            points = [*points[: start is not None], blind]
            points += [*coordinates.angled(blind), *coordinates.angled(large)]
        ends = _by_learning(inner.dear, coordinates, reml, points, options)
    best = _best(ends)
    phi = coordinates.phi(ends.theta[best : best + 1])
    settled, values = settle(phi, ends.value[best : best + 1], at_phi, coordinates)
    H, g = ends.hessian[best], ends.gradient[best]
    decrement = np.inf
    if np.isfinite(H).all() and np.isfinite(g).all():
        decrement = float(np.sqrt(np.abs(g @ np.linalg.lstsq(H, g, rcond=1e-9)[0])))
    return Optimum(
        theta=coordinates.A @ settled[0],
        value=float(values[0]),
        decrement=decrement,
        converged=bool(ends.converged[best] and np.isfinite(decrement)),
        evaluations=int(ends.evaluations.sum()),
    )


def _best(ends: Optima) -> int:
    """The lowest end; of those that differ by rounding, the one with the least left to gain."""
    values = np.where(np.isnan(ends.value), np.inf, ends.value)
    lowest = float(values.min())
    tied = values <= lowest + FREE_RISE * (1 + abs(lowest))
    if tied.sum() < 2 or not np.isfinite(lowest):
        return int(np.argmin(values))
    left = decrements(ends.gradient, ends.hessian)
    return int(np.argmin(np.where(tied, left, np.inf)))


def _by_learning(
    problem: DearProblem,
    coordinates: SearchCoordinates,
    reml: bool,
    points: list[Array],
    options: NewtonOptions,
) -> Optima:
    def model(point: Array) -> Evaluation:
        found = problem.approximate(coordinates.phi(point), reml)
        return coordinates.pull(point[None], found)

    found = [minimise_by_learning(model, point, options) for point in points]
    names = [field.name for field in fields(Optima)]
    return Optima(*(np.concatenate([getattr(one, name) for one in found]) for name in names))


def settle(
    phi: Array, value: Array, objective: Objective, coordinates: SearchCoordinates
) -> tuple[Array, Array]:
    """Canonical form of optima (B, t); what may be at a bound at no cost is put there."""
    covariance, near = coordinates.covariance, coordinates.tolerance(NEAR_ZERO)
    exact, snapped = phi.copy(), phi.copy()
    # Away from the boundary, and not negative, it is canonical as it stands.
    with np.errstate(invalid="ignore"):
        doubtful = np.flatnonzero(covariance.near_boundary(phi.T, near))
    for b in doubtful:
        exact[b] = covariance.canonical(phi[b])
        snapped[b] = covariance.canonical(phi[b], near)
    moved = np.flatnonzero((snapped != exact).any(axis=1) & np.isfinite(value))
    out, values = exact, value.copy()
    if moved.size:
        there = objective(snapped[moved], moved, 0).value
        free = np.asarray(there <= value[moved] + FREE_RISE * (1 + np.abs(value[moved])))
        out[moved[free]], values[moved[free]] = snapped[moved[free]], there[free]
    return out, values
