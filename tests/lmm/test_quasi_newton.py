"""The search that learns its Hessian ends where Newton's ends, and leaves saddles."""

import numpy as np
import pytest

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.search.newton import NewtonOptions
from pybootmlm.lmm.search.quasi_newton import minimise_by_learning

OPTIONS = NewtonOptions()


def rosenbrock(point: np.ndarray, share: float = 1.0) -> Evaluation:
    """A curved valley with its minimum at (1, 1); only a share of the Hessian is told."""
    x, y = point
    value = 100 * (y - x**2) ** 2 + (1 - x) ** 2
    gradient = np.array([-400 * x * (y - x**2) - 2 * (1 - x), 200 * (y - x**2)])
    hessian = np.array([[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200]])
    return Evaluation(np.array([value]), gradient[None], share * hessian[None])


@pytest.mark.parametrize("share", [1.0, 0.5, 2.0])
def test_finds_the_minimum(share: float):
    found = minimise_by_learning(lambda x: rosenbrock(x, share), np.array([-1.2, 1.0]), OPTIONS)
    assert found.converged[0]
    # The decrement is below 1e-7 and the least curvature is 0.4: within 1e-6.
    np.testing.assert_allclose(found.theta[0], [1, 1], atol=1e-6)


def test_learning_is_what_makes_it_fast(monkeypatch: pytest.MonkeyPatch):
    """Told twice the Hessian, a search gains half of what is left at a time; it learns better."""

    def quartic(point: np.ndarray) -> Evaluation:
        value = np.sum(np.cosh(point - 1)) + (point.sum() - 3) ** 2
        gradient = np.sinh(point - 1) + 2 * (point.sum() - 3)
        hessian = np.diag(np.cosh(point - 1)) + 2
        return Evaluation(np.array([value]), gradient[None], 2 * hessian[None])

    start = np.array([2.0, 0.0, 1.5])
    with_learning = minimise_by_learning(quartic, start, OPTIONS)
    np.testing.assert_allclose(with_learning.theta[0], 1, atol=1e-6)
    monkeypatch.setattr("pybootmlm.lmm.search.quasi_newton._learn", lambda R, *_: R)
    without = minimise_by_learning(quartic, start, OPTIONS)
    assert without.evaluations[0] > 1.5 * with_learning.evaluations[0]


def test_leaves_a_saddle():
    """Even in x: zero is stationary, and no minimum."""

    def even(point: np.ndarray) -> Evaluation:
        x = point[0]
        hessian = np.array([[[12 * x**2 - 4]]])
        return Evaluation(np.array([x**4 - 2 * x**2]), np.array([[4 * x**3 - 4 * x]]), hessian)

    found = minimise_by_learning(even, np.zeros(1), OPTIONS)
    assert found.converged[0]
    np.testing.assert_allclose(abs(found.theta[0, 0]), 1, atol=1e-7)


def test_gives_up_after_so_many_evaluations():
    few = NewtonOptions(max_iterations=3)
    found = minimise_by_learning(rosenbrock, np.array([-1.2, 1.0]), few)
    assert not found.converged[0]
    assert found.evaluations[0] <= 4


def test_stops_where_there_is_no_criterion():
    def nothing(point: np.ndarray) -> Evaluation:
        return Evaluation(np.array([np.nan]), np.full((1, 2), np.nan), np.full((1, 2, 2), np.nan))

    found = minimise_by_learning(nothing, np.zeros(2), OPTIONS)
    assert not found.converged[0]
    assert found.evaluations[0] == 1
