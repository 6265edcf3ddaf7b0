"""The minimum of the criterion, and the one theta that stands for it."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, solve_triangular

from pybootmlm.lmm.covariance import Covariance, canonical
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.newton import NewtonOptions, Objective, Optima, minimise
from pybootmlm.lmm.problem import DearProblem, Problem
from pybootmlm.lmm.quasi_newton import minimise_by_learning

Array = NDArray[np.float64]

# Sizes of Lambda, relative to the data, from which the search starts.
STARTS = (0.3, 1.0, 3.0)
# A start nearer to zero than this would stand on the saddle at zero.
FLOOR = 0.05
# Diagonal entries of Lambda, relative to the data, that may be zero, and the rise in the
# criterion (relative to its size) at which they are taken to be.
NEAR_ZERO = 1e-3
FREE_RISE = 1e-12


@dataclass(frozen=True)
class SearchCoordinates:
    """Coordinates in which every random effect has unit size and none correlate in the data.

    For a term with pooled cross-products S = Z'Z/n there is one lower triangular T with
    T'ST = I. With Lambda = T Lambda~ the data enter as if they had been whitened, and theta is a
    linear function of theta~.

    Attributes
    ----------
    T : tuple of (q, q) arrays
        One a term.
    A : (t, t) array
        theta = A theta~.
    """

    T: tuple[Array, ...]
    A: Array

    def to_search(self, theta: Array) -> Array:
        """theta~ from theta (t,)."""
        return np.asarray(np.linalg.solve(self.A, theta))


def search_coordinates(Zs: list[Array]) -> SearchCoordinates:
    """Coordinates for terms with weighted rows `Zs`, each (n, q)."""
    Ts = [whitening(Z.T @ Z / len(Z)) for Z in Zs]
    blocks = [T[column:, column:] for T in Ts for column in range(len(T))]
    return SearchCoordinates(tuple(Ts), block_diag(*blocks))


def whitening(S: Array) -> Array:
    """Lower triangular T with T'ST = I, for the pooled cross-products S (q, q) of a term."""
    size = np.sqrt(np.diag(S))
    size[size == 0] = 1.0
    R = S / np.outer(size, size)
    R[np.diag_indices_from(R)] += 1e-8
    # S = UU' with U upper triangular: the Cholesky factor of S with its axes reversed.
    U = np.linalg.cholesky(R[::-1, ::-1])[::-1, ::-1]
    return np.asarray(solve_triangular(U, np.eye(len(U))).T / size[:, None])


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


def find_optimum(
    problem: Problem,
    covariance: Covariance,
    coordinates: SearchCoordinates,
    reml: bool,
    start: Array | None,
    starts: tuple[float, ...],
    options: NewtonOptions,
) -> Optimum:
    """Minimise the criterion over theta."""
    A = coordinates.A

    def objective(points: Array, _: NDArray[np.intp], order: int) -> Evaluation:
        found = problem.evaluate(points @ A.T, reml, order)
        gradient = None if found.gradient is None else found.gradient @ A
        hessian = None if found.hessian is None else A.T @ found.hessian @ A
        return Evaluation(found.value, gradient, hessian)

    diagonal = covariance.on_diagonal
    points = [size * diagonal.astype(float) for size in starts]
    if start is not None:
        points = [first_point(start, covariance, coordinates), *points]
    if problem.dear is None:
        ends = minimise(objective, np.array(points), options)
    else:
        if starts:
            points[-len(starts) :] = [problem.dear.moment_start(coordinates.T)]
        ends = _by_learning(problem.dear, coordinates, reml, points, options)
    best = int(np.argmin(np.where(np.isnan(ends.value), np.inf, ends.value)))
    settled, values = settle(
        ends.theta[best : best + 1], ends.value[best : best + 1], objective, covariance
    )
    scaled = tuple(
        T @ L for T, L in zip(coordinates.T, covariance.term_matrices(settled[0]), strict=True)
    )
    H, g = ends.hessian[best], ends.gradient[best]
    decrement = float(np.sqrt(np.abs(g @ np.linalg.lstsq(H, g, rcond=1e-9)[0])))
    return Optimum(
        theta=covariance.from_matrices(scaled),
        value=float(values[0]),
        decrement=decrement,
        converged=bool(ends.converged[best]),
        evaluations=int(ends.evaluations.sum()),
    )


def first_point(start: Array, covariance: Covariance, coordinates: SearchCoordinates) -> Array:
    """Where a search from theta `start` (T,) begins, in its coordinates: away from any saddle."""
    point, diagonal = coordinates.to_search(start), covariance.on_diagonal
    point[diagonal] = np.where(np.abs(point[diagonal]) < FLOOR, FLOOR, point[diagonal])
    return point


def _by_learning(
    problem: DearProblem,
    coordinates: SearchCoordinates,
    reml: bool,
    points: list[Array],
    options: NewtonOptions,
) -> Optima:
    A = coordinates.A

    def model(point: Array) -> Evaluation:
        found = problem.approximate(A @ point, reml)
        assert found.gradient is not None
        assert found.hessian is not None
        return Evaluation(found.value, found.gradient @ A, A.T @ found.hessian @ A)

    found = [minimise_by_learning(model, point, options) for point in points]
    names = [field.name for field in fields(Optima)]
    return Optima(*(np.concatenate([getattr(one, name) for one in found]) for name in names))


def settle(
    theta: Array, value: Array, objective: Objective, covariance: Covariance
) -> tuple[Array, Array]:
    """Canonical form of optima (B, t); what may be zero at no cost is set to zero."""
    exact, snapped = theta.copy(), theta.copy()
    on_diagonal = covariance.on_diagonal
    # A positive diagonal away from zero is canonical as it stands.
    with np.errstate(invalid="ignore"):
        doubtful = np.flatnonzero((theta[:, on_diagonal] <= NEAR_ZERO).any(axis=1))
    for b in doubtful:
        matrices = covariance.term_matrices(theta[b])
        exact[b] = covariance.from_matrices(tuple(canonical(L) for L in matrices))
        snapped[b] = covariance.from_matrices(tuple(canonical(L, NEAR_ZERO) for L in matrices))
    moved = np.flatnonzero((snapped != exact).any(axis=1) & np.isfinite(value))
    out, values = exact, value.copy()
    if moved.size:
        there = objective(snapped[moved], moved, 0).value
        free = np.asarray(there <= value[moved] + FREE_RISE * (1 + np.abs(value[moved])))
        out[moved[free]], values[moved[free]] = snapped[moved[free]], there[free]
    return out, values
