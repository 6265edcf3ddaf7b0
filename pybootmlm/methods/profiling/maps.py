r"""From free coordinates to theta and sigma, with one variance parameter held at a value.

The random effects of the parameter's term are taken in an order in which its own come first; then
Lambda's first rows say all that is needed. With :math:`\psi = 1/\sigma` and the
first rows :math:`(a)` or :math:`(a, 0), (b, d)` of Lambda:

- a standard deviation :math:`v = \sigma a` held fixed is :math:`a = v\psi`;
- a correlation held at r is :math:`(b, d) = s(r, \sqrt{1 - r^2})`, with a and s not negative;
- a covariance :math:`c = \sigma^2 ab` held fixed is :math:`a = x\psi,\ b = c\psi/x`;
- an element of theta held fixed, and sigma held fixed, are what they are.

All of this is regular on the boundary: at v = 0, r = 1 and c = 0 too.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pybootmlm.lmm.search.coordinates import Bending
from pybootmlm.lmm.templates.unstructured import lower_triangle

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Image:
    """What B points of k free coordinates stand for.

    Attributes
    ----------
    theta : (B, t) array
    jacobian : (B, t, k) array
        Derivative of theta.
    log_variance : (B,) array or None
        log sigma^2, where it is not profiled out.
    log_variance_gradient : (B, k) array or None
    log_variance_curvature : (B, k) array or None
        Diagonal of its second derivative, which is diagonal.
    """

    theta: Array
    jacobian: Array
    log_variance: Array | None = None
    log_variance_gradient: Array | None = None
    log_variance_curvature: Array | None = None


class Map(Protocol):
    """Free coordinates of the model with one parameter held at a value."""

    @property
    def size(self) -> int:
        """Number k of free coordinates."""

    def image(self, values: Array, points: Array) -> Image:
        """Image of `points` (B, k) with the parameter at `values` (B,)."""

    def curvature(self, values: Array, points: Array, weights: Array) -> Array | None:
        """Sum of the second derivatives of theta times `weights` (B, t): (B, k, k), or None."""

    def coordinates(self, value: float, theta: Array, sigma: float) -> Array:
        """Free coordinates (k,) of a theta (t,) at which the parameter has this value."""


@dataclass(frozen=True)
class LinearMap:
    """theta = (A + value B + sqrt(1 - value^2) C) point + offset value: for correlations and theta.

    Sigma is profiled out, or held at the value (`is_sigma`).

    Attributes
    ----------
    A, B, C : (t, k) arrays
    offset : (t,) array
    squared : (k,) array of bool
        Coordinates that enter by their squares: sizes that must not be negative, since another sign
        would turn the sign of what is held.
    is_sigma : bool
    """

    A: Array
    B: Array
    C: Array
    offset: Array
    squared: NDArray[np.bool_]
    is_sigma: bool = False

    @property
    def size(self) -> int:
        """Number of free coordinates."""
        return int(self.A.shape[1])

    def basis(self, values: Array) -> Array:
        """What the coordinates, some of them squared, are multiplied with (B, t, k)."""
        out = np.repeat(self.A[None], len(values), axis=0)
        if self.B.any() or self.C.any():
            root = np.sqrt(np.maximum(0.0, 1 - values**2))
            out += values[:, None, None] * self.B + root[:, None, None] * self.C
        return out

    def image(self, values: Array, points: Array) -> Image:
        """See `Map`."""
        basis = self.basis(values)
        entering = np.where(self.squared, points**2, points)
        theta = np.einsum("btk,bk->bt", basis, entering) + values[:, None] * self.offset
        jacobian = basis * np.where(self.squared, 2 * points, 1.0)[:, None]
        if not self.is_sigma:
            return Image(theta, jacobian)
        none = np.zeros(points.shape)
        return Image(theta, jacobian, 2 * np.log(values), none, none)

    def curvature(self, values: Array, points: Array, weights: Array) -> Array | None:
        """See `Map`."""
        if not self.squared.any():
            return None
        out = np.zeros((len(points), self.size, self.size))
        k = np.arange(self.size)
        along = np.einsum("bt,btk->bk", weights, self.basis(values))
        out[:, k, k] = np.where(self.squared, 2 * along, 0.0)
        return out

    def coordinates(self, value: float, theta: Array, sigma: float) -> Array:  # noqa: ARG002
        """See `Map`."""
        basis = self.basis(np.array([value]))[0]
        found = np.linalg.lstsq(basis, theta - value * self.offset, rcond=None)[0]
        return np.asarray(np.where(self.squared, np.sqrt(np.maximum(found, 0.0)), found))


@dataclass(frozen=True)
class DeviationMap:
    """The first coordinate is psi; `head` is what it contributes to theta for a value of one.

    Attributes
    ----------
    A : (t, k) array
        Its first column is zero.
    head : (t,) array
    """

    A: Array
    head: Array

    @property
    def size(self) -> int:
        """Number of free coordinates."""
        return int(self.A.shape[1])

    def image(self, values: Array, points: Array) -> Image:
        """See `Map`."""
        jacobian = np.repeat(self.A[None], len(values), axis=0)
        jacobian[:, :, 0] = values[:, None] * self.head
        theta = np.einsum("btk,bk->bt", jacobian, points)
        return Image(theta, jacobian, *_of_psi(points))

    def curvature(self, values: Array, points: Array, weights: Array) -> Array | None:  # noqa: ARG002
        """See `Map`."""
        return None

    def coordinates(self, value: float, theta: Array, sigma: float) -> Array:
        """See `Map`."""
        psi = 1 / sigma
        rest = theta - psi * value * self.head
        found: Array = np.append(psi, np.linalg.lstsq(self.A[:, 1:], rest, rcond=None)[0])
        return found


@dataclass(frozen=True)
class CovarianceMap:
    """The first two coordinates are psi and x.

    theta = A point + first x psi + second value psi / x.

    Attributes
    ----------
    A : (t, k) array
        Its first two columns are zero.
    first, second : (t,) arrays
    at : int
        Position in theta of the first row's own element.
    """

    A: Array
    first: Array
    second: Array
    at: int

    @property
    def size(self) -> int:
        """Number of free coordinates."""
        return int(self.A.shape[1])

    def image(self, values: Array, points: Array) -> Image:
        """See `Map`."""
        psi, x = points[:, 0, None], points[:, 1, None]
        value = values[:, None]
        theta = points @ self.A.T + psi * (x * self.first + value / x * self.second)
        jacobian = np.repeat(self.A[None], len(values), axis=0)
        jacobian[:, :, 0] = x * self.first + value / x * self.second
        jacobian[:, :, 1] = psi * (self.first - value / x**2 * self.second)
        variance = _of_psi(points)
        # x stands for a standard deviation: with the other sign everything is the same again.
        outside = points[:, 1] <= 0
        return Image(theta, jacobian, np.where(outside, np.nan, variance[0]), *variance[1:])

    def curvature(self, values: Array, points: Array, weights: Array) -> Array | None:
        """See `Map`."""
        psi, x = points[:, 0], points[:, 1]
        first, second = weights @ self.first, values * (weights @ self.second)
        out = np.zeros((len(points), self.size, self.size))
        out[:, 0, 1] = out[:, 1, 0] = first - second / x**2
        out[:, 1, 1] = 2 * psi * second / x**3
        return out

    def coordinates(self, value: float, theta: Array, sigma: float) -> Array:
        """See `Map`."""
        psi = 1 / sigma
        x = float(theta[self.at] / self.first[self.at]) / psi
        # Without a first standard deviation there is no covariance either; any x will do.
        x = x if x > 1e-3 else 1e-3
        rest = theta - psi * (x * self.first + value / x * self.second)
        found = np.linalg.lstsq(self.A[:, 2:], rest, rcond=None)[0]
        return np.concatenate([[psi, x], found])


@dataclass(frozen=True)
class BentMap:
    """A map of coordinates some of which are bent, as structured terms need.

    Attributes
    ----------
    inner : Map
    bending : Bending
        The inner map's coordinates from free ones.
    """

    inner: Map
    bending: Bending

    @property
    def size(self) -> int:
        """Number of free coordinates."""
        return self.inner.size

    def image(self, values: Array, points: Array) -> Image:
        """See `Map`."""
        found = self.inner.image(values, self.bending.value(points))
        slope = self.bending.slope(points)
        jacobian = found.jacobian * slope[:, None]
        if found.log_variance_gradient is None or found.log_variance_curvature is None:
            return Image(found.theta, jacobian)
        gradient = found.log_variance_gradient * slope
        curvature = found.log_variance_curvature * slope**2
        curvature += found.log_variance_gradient * self.bending.bend(points)
        return Image(found.theta, jacobian, found.log_variance, gradient, curvature)

    def curvature(self, values: Array, points: Array, weights: Array) -> Array | None:
        """See `Map`."""
        bent = self.bending.value(points)
        slope, inner = self.bending.slope(points), self.inner.curvature(values, bent, weights)
        out = np.zeros((len(points), self.size, self.size))
        if inner is not None:
            out += inner * slope[:, :, None] * slope[:, None]
        along = np.einsum("bt,btk->bk", weights, self.inner.image(values, bent).jacobian)
        k = np.arange(self.size)
        out[:, k, k] += along * self.bending.bend(points)
        return out

    def coordinates(self, value: float, theta: Array, sigma: float) -> Array:
        """See `Map`."""
        return self.bending.inverse(self.inner.coordinates(value, theta, sigma))


def bent(inner: Map, bending: Bending) -> Map:
    """The inner map where nothing is bent."""
    return inner if bending.trivial else BentMap(inner, bending)


def _of_psi(points: Array) -> tuple[Array, Array, Array]:
    """log sigma^2 = -2 log psi, its gradient and the diagonal of its second derivative."""
    psi = points[:, 0]
    gradient, curvature = np.zeros(points.shape), np.zeros(points.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(psi > 0, -2 * np.log(psi), np.nan)
        gradient[:, 0], curvature[:, 0] = -2 / psi, 2 / psi**2
    return value, gradient, curvature


def rest_of_term(T: Array, head: int) -> list[Array]:
    """Basis of the rows of Lambda after the first `head` (q, q), whitened by T."""
    q = len(T)
    out = []
    for row, column in zip(*lower_triangle(q), strict=True):
        if row >= head:
            E = np.zeros((q, q))
            E[head:, column] = T[head:, row]
            out.append(E)
    return out


def with_head(T: Array, rows: Array) -> Array:
    """Lambda (q, q) whose first rows are `rows` (h, h), and those below as T couples them."""
    h = len(rows)
    out = np.zeros_like(T)
    out[:h, :h] = rows
    if h < len(T):
        out[h:, :h] = T[h:, :h] @ solve_triangular(T[:h, :h], rows, lower=True)
    return out


def flat(Lambda: Array) -> Array:
    """The lower triangle of Lambda (q, q), column by column."""
    return np.asarray(Lambda[lower_triangle(len(Lambda))])
