"""The deviance along a parameter: that parameter held at a value, all others free."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.problem import Problem
from pybootmlm.lmm.templates.template import Template
from pybootmlm.methods.profiling.maps import Map

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """All parameters at one point of a path, in units of the data.

    Attributes
    ----------
    covariances : tuple of (q, q) arrays
        Of the random effects of each term.
    templates : tuple of Template
        Their structures.
    sigma : float
    beta : (p,) array
    """

    covariances: tuple[Array, ...]
    templates: tuple[Template, ...]
    sigma: float
    beta: Array


class Path(Protocol):
    """A parameter, and the deviance (of maximum likelihood, in units of the data) along it.

    Attributes
    ----------
    estimate : float
    lower, upper : float
        Limits of its domain.
    scale : float
        How far to go to see a change.
    start : (k,) array
        Free coordinates at the estimate.
    """

    @property
    def estimate(self) -> float: ...  # noqa: D102
    @property
    def lower(self) -> float: ...  # noqa: D102
    @property
    def upper(self) -> float: ...  # noqa: D102
    @property
    def scale(self) -> float: ...  # noqa: D102
    @property
    def start(self) -> Array: ...  # noqa: D102

    def fallback(self, value: float) -> Array:
        """Free coordinates (k,) to start from where nothing is known."""

    def evaluate(self, values: Array, points: Array, order: int) -> Evaluation:
        """Deviance, and derivatives by the free coordinates, at `points` (B, k)."""

    def place(self, value: float, point: Array) -> Place:
        """All parameters at a point (k,)."""


def along(
    problem: Problem, n: int, map_: Map, values: Array, points: Array, order: int
) -> Evaluation:
    """Deviance in standardised units, sigma profiled out or bound, at `points` (B, k)."""
    image = map_.image(values, points)
    parts = problem.anatomy(image.theta, order)
    r2, log_det = parts.r2, parts.log_det
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if image.log_variance is None:
            log_variance, weight = np.log(r2.value / n), n / r2.value
        else:
            log_variance, weight = image.log_variance, np.exp(-image.log_variance)
        value = log_det.value + n * (np.log(2 * np.pi) + log_variance) + weight * r2.value
    if order == 0:
        return Evaluation(value)
    assert log_det.gradient is not None
    assert r2.gradient is not None
    J = image.jacobian
    by_theta = log_det.gradient + weight[:, None] * r2.gradient
    gradient = np.einsum("bt,btk->bk", by_theta, J)
    left = n - weight * r2.value  # zero where sigma is at its best
    if image.log_variance_gradient is not None:
        gradient += left[:, None] * image.log_variance_gradient
    if order == 1:
        return Evaluation(value, gradient)
    assert log_det.hessian is not None
    assert r2.hessian is not None
    inner = log_det.hessian + weight[:, None, None] * r2.hessian
    by_r2 = np.einsum("bt,btk->bk", r2.gradient, J)
    if image.log_variance_gradient is None:
        # weight = n / r2 moves with theta.
        hessian = np.einsum("btk,btu,bul->bkl", J, inner, J)
        hessian -= (weight / r2.value)[:, None, None] * by_r2[:, :, None] * by_r2[:, None]
    else:
        g = image.log_variance_gradient
        hessian = np.einsum("btk,btu,bul->bkl", J, inner, J)
        cross = weight[:, None, None] * by_r2[:, :, None] * g[:, None]
        hessian -= cross + cross.swapaxes(1, 2)
        hessian += (weight * r2.value)[:, None, None] * g[:, :, None] * g[:, None]
        assert image.log_variance_curvature is not None
        k = np.arange(hessian.shape[1])
        hessian[:, k, k] += left[:, None] * image.log_variance_curvature
    bent = map_.curvature(values, points, by_theta)
    return Evaluation(value, gradient, hessian if bent is None else hessian + bent)
