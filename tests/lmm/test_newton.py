"""The minimiser on functions whose minima are known by calculus.

Where a distance is bounded, the bound follows from the stopping rule: at ||H^(-1/2) g|| < 1e-7
the distance to the minimum is about 1e-7 / sqrt(curvature), so 1e-7 where curvature is above 1.
"""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.search.newton import NewtonOptions, Objective, minimise

Array = np.ndarray
OPTIONS = NewtonOptions()
CLOSE = 1e-7


def objective_of(function: Callable[[Array], tuple[float, Array, Array]]) -> Objective:
    """The same function for every problem."""

    def evaluate(points: Array, which: Array, order: int) -> Evaluation:
        assert len(points) == len(which)
        found = [function(x) for x in points]
        value, gradient, hessian = (np.array(part) for part in zip(*found, strict=True))
        return Evaluation(value, gradient, hessian)

    return evaluate


def double_well(x: Array):
    """(x^2 - 1)^2: minima at -1 and 1, a stationary point at 0."""
    value = float((x[0] ** 2 - 1) ** 2)
    return value, 4 * x * (x**2 - 1), np.array([[12 * x[0] ** 2 - 4]])


def monkey(x: Array):
    """Valley with two saddles: x^4/4 - x^2/2 + y^2 (1 + x^2) / 2, even in both."""
    a, b = x
    value = a**4 / 4 - a**2 / 2 + b**2 * (1 + a**2) / 2
    gradient = np.array([a**3 - a + a * b**2, b * (1 + a**2)])
    return value, gradient, np.array([[3 * a**2 - 1 + b**2, 2 * a * b], [2 * a * b, 1 + a**2]])


def rosenbrock(x: Array):
    a, b = x
    value = (1 - a) ** 2 + 100 * (b - a**2) ** 2
    gradient = np.array([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)])
    return value, gradient, np.array([[2 - 400 * (b - 3 * a**2), -400 * a], [-400 * a, 200.0]])


def flat(x: Array):
    """(x + y)^2 - 2: any point of a line is a minimum, and the Hessian is singular."""
    s = x.sum()
    return s**2 - 2, np.full(2, 2 * s), np.full((2, 2), 2.0)


def trough(x: Array):
    """Flat in y, and curved in x only."""
    return float(np.cosh(x[0])), np.array([np.sinh(x[0]), 0.0]), np.diag([np.cosh(x[0]), 0.0])


def quartic(x: Array):
    """x^4: the curvature vanishes at the minimum, so steps only shrink by a third."""
    return float(x[0] ** 4), 4 * x**3, np.array([[12 * x[0] ** 2]])


@pytest.mark.parametrize("start", [0.0, 1e-12, -1e-4, 0.05, 5.0, 200.0])
def test_double_well_from_its_saddle_and_from_afar(start: float):
    ends = minimise(objective_of(double_well), np.array([[start]]), OPTIONS)
    assert ends.converged.all()
    assert abs(abs(ends.theta[0, 0]) - 1) < CLOSE
    assert ends.value[0] < CLOSE**2 * 8


@pytest.mark.parametrize("start", [(0, 0), (0, 3), (1e-9, 0), (-2, 5), (0.5, 1e-30)])
def test_saddle_in_two_dimensions(start: tuple[float, float]):
    ends = minimise(objective_of(monkey), np.array([start], dtype=float), OPTIONS)
    assert ends.converged.all()
    np.testing.assert_allclose(np.abs(ends.theta[0]), [1, 0], rtol=0, atol=CLOSE)


def test_control_without_a_kick_the_saddle_holds():
    """So it is the kick that leaves it, and 0 is exactly stationary."""
    ends = minimise(objective_of(double_well), np.zeros((1, 1)), NewtonOptions(kick=0.0))
    assert ends.theta[0, 0] == 0
    assert not ends.converged.any()


def test_a_curved_valley():
    ends = minimise(objective_of(rosenbrock), np.array([[-1.2, 1.0], [5.0, -5.0]]), OPTIONS)
    assert ends.converged.all()
    # The flattest curvature of the valley is 0.4.
    np.testing.assert_allclose(ends.theta, 1.0, rtol=0, atol=1e-6)


@pytest.mark.parametrize("function", [flat, trough])
def test_flat_directions_do_not_disturb(function):
    ends = minimise(objective_of(function), np.array([[1.5, -0.25]]), OPTIONS)
    assert ends.converged.all()
    assert ends.value[0] <= function(np.zeros(2))[0] + CLOSE**2
    # Nothing drives along the flat direction.
    assert np.abs(ends.theta).max() <= 2


def test_vanishing_curvature_ends():
    ends = minimise(objective_of(quartic), np.array([[1.0]]), OPTIONS)
    assert ends.converged.all()
    # Decrement |4 x^3| / sqrt(12 x^2) < 1e-7 means |x| < 3e-4, the value below 1e-14.
    assert ends.value[0] < 1e-14


def test_many_at_once_are_one_at_a_time():
    """Also with problems that finish at different times, and one that never can."""
    rng = np.random.default_rng(2)
    wells = rng.uniform(0.2, 3, 40)

    def evaluate(points: Array, which: Array, order: int) -> Evaluation:
        a, x = wells[which], points[:, 0]
        value = (x**2 - a) ** 2
        value[which == 17] = np.nan
        gradient = (4 * x * (x**2 - a))[:, None]
        return Evaluation(value, gradient, (12 * x**2 - 4 * a)[:, None, None])

    starts = rng.normal(size=(40, 1)) * 3
    starts[5] = 0
    together = minimise(evaluate, starts, OPTIONS)
    assert together.converged[np.arange(40) != 17].all()
    assert not together.converged[17]
    np.testing.assert_allclose(
        np.delete(np.abs(together.theta[:, 0]), 17), np.sqrt(np.delete(wells, 17)), atol=CLOSE
    )
    for b in range(40):

        def only(points: Array, which: Array, order: int, b: int = b) -> Evaluation:
            return evaluate(points, np.full(len(which), b), order)

        alone = minimise(only, starts[[b]], OPTIONS)
        for field in ("theta", "value", "gradient", "hessian", "converged", "evaluations"):
            np.testing.assert_array_equal(
                getattr(alone, field)[0], getattr(together, field)[b], err_msg=field
            )


def _nan_everywhere(x: Array):
    return np.nan, np.full(1, np.nan), np.full((1, 1), np.nan)


def _nan_beyond_two(x: Array):
    """(x - 3)^2 where x < 2: the minimum lies where the function is not defined."""
    if x[0] >= 2:
        return _nan_everywhere(x)
    return float((x[0] - 3) ** 2), 2 * (x - 3), np.array([[2.0]])


def _nan_derivatives(x: Array):
    return float(x[0] ** 2), np.full(1, np.nan), np.full((1, 1), np.nan)


def _minus_infinity(x: Array):
    return (-np.inf if x[0] < 0.5 else float(x[0])), np.ones(1), np.zeros((1, 1))


@pytest.mark.parametrize(
    "function", [_nan_everywhere, _nan_beyond_two, _nan_derivatives, _minus_infinity]
)
def test_undefined_objectives_never_hang_nor_converge(function):
    calls = 0

    def counted(x: Array):
        nonlocal calls
        calls += 1
        return function(x)

    ends = minimise(objective_of(counted), np.array([[1.0]]), OPTIONS)
    assert not ends.converged.any()
    assert calls <= OPTIONS.max_iterations + 1
    assert ends.evaluations[0] == calls


def test_undefined_region_is_backed_away_from():
    """The step into it is shortened until the value is defined and lower."""
    ends = minimise(objective_of(_nan_beyond_two), np.array([[1.0]]), OPTIONS)
    assert 1.9 < ends.theta[0, 0] < 2


@pytest.mark.parametrize("most", [1, 3, 7])
def test_max_iterations_is_honoured(most: int):
    options = NewtonOptions(max_iterations=most)
    ends = minimise(objective_of(rosenbrock), np.array([[-1.2, 1.0]]), options)
    assert not ends.converged.any()
    assert ends.evaluations[0] == most + 1, "the start, and one an iteration"
    assert ends.value[0] <= rosenbrock(np.array([-1.2, 1.0]))[0]


def test_steps_are_bounded():
    """A nearly flat start would send Newton's step to 1e6; it may grow by 2 (1 + |x|) each time."""

    def function(x: Array):
        return float((x[0] - 1e6) ** 2 * 1e-12), (x - 1e6) * 2e-12, np.array([[2e-12]])

    seen: list[float] = []

    def watched(x: Array):
        seen.append(float(x[0]))
        return function(x)

    minimise(objective_of(watched), np.array([[0.0]]), NewtonOptions(tolerance=1e-30))
    for before, after in itertools.pairwise(seen):
        assert abs(after - before) <= OPTIONS.max_step * (1 + abs(before)) * (1 + 1e-12)
    assert abs(seen[-1] - 1e6) < 1


def test_the_value_never_rises():
    path: list[float] = []

    def watched(x: Array):
        found = rosenbrock(x)
        path.append(found[0])
        return found

    end = minimise(objective_of(watched), np.array([[-1.2, 1.0]]), OPTIONS).value[0]
    assert end == min(path)
