"""Newton's method for many criteria at once, safe at saddles.

The criterion is even in each column of Lambda, so it is minimised without bounds and the signs
are mended afterwards. That evenness makes every theta with a zero column stationary, whatever
the data: a stationary point counts as an optimum only when no direction of negative curvature
leaves it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import number, positive_integer
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.evaluation import Evaluation

Array = NDArray[np.float64]
# evaluate(points (b, t), which of the problems they belong to (b,), order) -> Evaluation
Objective = Callable[[Array, NDArray[np.intp], int], Evaluation]


@dataclass(frozen=True)
class NewtonOptions:
    """When to stop and how far to step.

    Attributes
    ----------
    tolerance : float
        Stop when the Newton decrement ||H^(-1/2) g|| is below it: half its square is what
        another step could still gain.
    max_iterations : int
        Evaluations of a problem before it is given up.
    max_step : float
        Longest step, in the coordinates of the search, as a multiple of 1 + ||theta||.
    kick : float
        Length of the step that leaves a saddle.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> sharp = bm.LmerControl(newton=bm.NewtonOptions(tolerance=1e-10))
    >>> fit = bm.lmer("Yield ~ (1 | Batch)", bm.load_dataset("Dyestuff"), control=sharp)
    >>> bool(fit.optimum.decrement < 1e-10)
    True
    """

    tolerance: float = 1e-7
    max_iterations: int = 200
    max_step: float = 2.0
    kick: float = 0.1

    def __post_init__(self) -> None:
        positive_integer(self.max_iterations, "max_iterations")
        for name in ("tolerance", "max_step"):
            if not number(value := getattr(self, name), name) > 0:
                raise ArgumentError(f"`{name}` must be positive; got {value!r}.")
        if not number(self.kick, "kick") >= 0:
            raise ArgumentError(f"`kick` must not be negative; got {self.kick!r}.")


DEFAULT_OPTIONS = NewtonOptions()


@dataclass(frozen=True)
class Optima:
    """Where the problems ended.

    Attributes
    ----------
    theta : (B, t) array
    value : (B,) array
    gradient : (B, t) array
    hessian : (B, t, t) array
    converged : (B,) array of bool
    evaluations : (B,) array of int
    """

    theta: Array
    value: Array
    gradient: Array
    hessian: Array
    converged: NDArray[np.bool_]
    evaluations: NDArray[np.intp]

    def or_lower(self, other: "Optima") -> "Optima":
        """Of each problem, `other`'s end where that is lower by more than rounding."""
        # A criterion without bound has no end that another could be lower than.
        least = self.value - SAME * (1 + np.abs(self.value))
        lower = np.isfinite(self.value) & np.isfinite(other.value) & (other.value < least)
        theta = np.where(lower[:, None], other.theta, self.theta)
        gradient = np.where(lower[:, None], other.gradient, self.gradient)
        hessian = np.where(lower[:, None, None], other.hessian, self.hessian)
        value = np.where(lower, other.value, self.value)
        converged = np.where(lower, other.converged, self.converged)
        evaluations = self.evaluations + other.evaluations
        return Optima(theta, value, gradient, hessian, converged, evaluations)


# Ends whose criteria differ by less, relatively, are one.
SAME = 1e-12
# Relative rounding of the criterion: a rise below this is no evidence against a step.
ROUNDING = 1e-13
# Curvature below this share of the largest counts as flat.
FLAT = 1e-9
# Least curvature to divide by: squares of the steps that follow do not overflow.
LEAST = 1e-100


# Where a step goes too far, infinities: it is refused.
@np.errstate(divide="ignore", over="ignore", invalid="ignore")
def minimise(objective: Objective, start: Array, options: NewtonOptions) -> Optima:
    """Minimise B problems from `start` (B, t)."""
    sets = np.arange(len(start))
    first = objective(start, sets, 2)
    theta, value = start.copy(), first.value.copy()
    gradient, hessian = _derivatives(first)
    gradient, hessian = gradient.copy(), hessian.copy()
    converged = np.zeros(len(start), bool)
    evaluations = np.ones(len(start), np.intp)
    step, done = steps(theta, gradient, hessian, options)
    active = np.isfinite(value)
    converged[active & done] = True
    active &= ~done
    for _ in range(options.max_iterations):
        at = np.flatnonzero(active)
        if not at.size:
            break
        trial = theta[at] + step[at]
        new = objective(trial, at, 2)
        evaluations[at] += 1
        noise = ROUNDING * (1 + np.abs(value[at]))
        # Where nothing is left to explain the criterion is -inf: no point to stand on either.
        better = np.isfinite(new.value) & np.asarray(new.value <= value[at] + noise)
        took = at[better]
        new_gradient, new_hessian = _derivatives(new)
        theta[took], value[took] = trial[better], new.value[better]
        gradient[took], hessian[took] = new_gradient[better], new_hessian[better]
        full, done = steps(theta[took], gradient[took], hessian[took], options)
        step[took] = full
        converged[took[done]] = True
        active[took[done]] = False
        refused = at[~better]
        step[refused] *= 0.25
        # A step too short to move theta: what remains of the gradient is rounding.
        stuck = refused[
            np.abs(step[refused]).max(axis=1) < 1e-12 * (1 + np.abs(theta[refused]).max(axis=1))
        ]
        active[stuck] = False
        converged[stuck] = decrements(gradient[stuck], hessian[stuck]) < 1e-4
    return Optima(theta, value, gradient, hessian, converged, evaluations)


def _derivatives(evaluation: Evaluation) -> tuple[Array, Array]:
    assert evaluation.gradient is not None
    assert evaluation.hessian is not None
    return evaluation.gradient, evaluation.hessian


def _spectrum(hessian: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues (B, t), vectors (B, t, t) and the size below which a value is flat (B, 1)."""
    finite = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    values, vectors = np.linalg.eigh(np.where(finite[:, None, None], hessian, 0.0))
    floor = FLAT * np.abs(values).max(axis=1, keepdims=True)
    return values, vectors, np.maximum(floor, LEAST)


def decrements(gradient: Array, hessian: Array) -> Array:
    """Newton decrements ||H^(-1/2) g|| (B,)."""
    values, vectors, floor = _spectrum(hessian)
    along = np.einsum("bij,bi->bj", vectors, gradient)
    scaled: Array = along / np.sqrt(np.maximum(np.abs(values), floor))
    length: Array = np.sqrt((scaled**2).sum(axis=1))
    return length


def steps(
    theta: Array, gradient: Array, hessian: Array, options: NewtonOptions
) -> tuple[Array, NDArray[np.bool_]]:
    """Newton steps (B, t), uphill directions turned round; and which problems are done (B,)."""
    values, vectors, floor = _spectrum(hessian)
    along = np.einsum("bij,bi->bj", vectors, gradient)
    size = np.maximum(np.abs(values), floor)
    step = -np.einsum("bij,bj->bi", vectors, along / size)
    longest = options.max_step * (1 + np.sqrt((theta**2).sum(axis=1)))
    length = np.sqrt((step**2).sum(axis=1))
    step *= (longest / np.maximum(length, longest))[:, None]
    stationary = np.sqrt((along**2 / size).sum(axis=1)) < options.tolerance
    saddle = values[:, 0] < -1e-6 * np.maximum(np.abs(values).max(axis=1), 1.0)
    leave = stationary & saddle
    step[leave] = options.kick * vectors[leave, :, 0]
    return step, stationary & ~saddle
