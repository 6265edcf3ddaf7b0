"""A search that evaluates no exact Hessian: for criteria of which an evaluation is dear.

Every evaluation brings an approximate Hessian C (see
`pybootmlm.lmm.several_factors.average_information`). What it lacks is learnt from the gradients on
the way, as Dennis, Gay and Welsch (1981, ACM Transactions on Mathematical Software 7, 348-368) do
for least squares: the steps use C + R, and R is changed so that C + R explains the last step's
change of the gradient. Saddles are left as in `pybootmlm.lmm.search.newton`, which the columns of C
that belong to zero columns of Lambda allow: there C is exact.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.search.newton import ROUNDING, NewtonOptions, Optima, decrements, steps

Array = NDArray[np.float64]
# evaluate(point (t,)) -> value, gradient and approximate Hessian of one point (B = 1)
Model = Callable[[Array], Evaluation]


def minimise_by_learning(model: Model, start: Array, options: NewtonOptions) -> Optima:
    """Minimise one problem from `start` (t,); the result is a stack of one (B = 1)."""
    theta = start.copy()
    value, gradient, C = _at(model, theta)
    R = np.zeros_like(C)
    evaluations = 1
    step, converged = _step(theta, gradient, C, R, options)
    converged = converged and np.isfinite(value)
    while not converged and np.isfinite(value) and evaluations <= options.max_iterations:
        trial = theta + step
        new_value, new_gradient, new_C = _at(model, trial)
        evaluations += 1
        noise = ROUNDING * (1 + abs(value))
        if not (np.isfinite(new_value) and new_value <= value + noise):
            step = step * 0.25
            if np.abs(step).max() < 1e-12 * (1 + np.abs(theta).max()):
                # A step too short to move theta: what remains of the gradient is rounding.
                converged = bool(decrements(gradient[None], (C + R)[None])[0] < 1e-4)
                break
            continue
        R = _learn(R, trial - theta, new_gradient - gradient, new_C)
        theta, value, gradient, C = trial, new_value, new_gradient, new_C
        step, converged = _step(theta, gradient, C, R, options)
    return Optima(
        theta[None],
        np.array([value]),
        gradient[None],
        (C + R)[None],
        np.array([converged]),
        np.array([evaluations]),
    )


def _at(model: Model, theta: Array) -> tuple[float, Array, Array]:
    found = model(theta)
    assert found.gradient is not None
    assert found.hessian is not None
    return float(found.value[0]), found.gradient[0], found.hessian[0]


def _step(
    theta: Array, gradient: Array, C: Array, R: Array, options: NewtonOptions
) -> tuple[Array, bool]:
    """The next step, and whether the search is done."""
    if decrements(gradient[None], (C + R)[None])[0] < options.tolerance:
        # Whether this is a saddle, C knows: at one, it is exact, and nothing was learnt about it.
        step, done = steps(theta[None], np.zeros_like(gradient)[None], C[None], options)
    else:
        step, done = steps(theta[None], gradient[None], (C + R)[None], options)
    return step[0], bool(done[0])


def _learn(R: Array, s: Array, y: Array, C: Array) -> Array:
    """R changed so that (C + R) s = y."""
    lacking = y - C @ s
    explained = R @ s
    along = float(s @ explained)
    # What was learnt far from here is worth less.
    if along:
        R = R * min(1.0, abs(float(s @ lacking) / along))
        explained = R @ s
    wrong = lacking - explained
    # By y, the metric in which steps are even; where the criterion curves down, by s.
    v = y if float(s @ y) > 1e-3 * np.linalg.norm(s) * np.linalg.norm(y) else s
    vs = float(v @ s)
    if vs == 0:
        return R
    mixed = np.outer(wrong, v)
    return np.asarray(R + (mixed + mixed.T) / vs - float(wrong @ s) / vs**2 * np.outer(v, v))
