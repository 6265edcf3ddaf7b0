r"""``us``: any covariance matrix.

Theta holds the lower triangle of Lambda, column by column (Bates, Mächler, Bolker and Walker 2015,
J. Stat. Softw. 67(1), section 2.2).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.templates.template import Bend, Label

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@lru_cache(maxsize=64)
def lower_triangle(size: int) -> tuple[Indices, Indices]:
    """Rows and columns of the lower triangle of a square matrix, column by column."""
    columns, rows = np.triu_indices(size)
    rows.flags.writeable = columns.flags.writeable = False
    return rows, columns


def number_lower(size: int) -> Indices:
    """The lower triangle numbered column by column (q, q), -1 above it."""
    out = np.full((size, size), -1, np.intp)
    out[lower_triangle(size)] = np.arange(size * (size + 1) // 2)
    return out


@dataclass(frozen=True)
class Unstructured:
    """A `Template` whose theta is the lower triangle of Lambda."""

    size: int
    name: str = "us"
    homogeneous: bool = False

    @property
    def n_theta(self) -> int:
        """q (q + 1) / 2."""
        return self.size * (self.size + 1) // 2

    @cached_property
    def is_deviation(self) -> NDArray[np.bool_]:
        """The diagonal entries."""
        return np.asarray(np.equal(*lower_triangle(self.size)))

    @property
    def lower(self) -> Array:
        """Zero on the diagonal."""
        return np.where(self.is_deviation, 0.0, -np.inf)

    @property
    def upper(self) -> Array:
        """None."""
        return np.full(self.n_theta, np.inf)

    @property
    def bends(self) -> tuple[Bend, ...]:
        """The criterion is even in each column of Lambda: no bound is needed."""
        return tuple("linear" for _ in range(self.n_theta))

    @property
    def stored(self) -> Indices:
        """The lower triangle."""
        return number_lower(self.size)

    def whitens(self) -> bool:
        """Yes: TS T' is again any covariance matrix."""
        return True

    def labels(self, effects: tuple[str, ...]) -> tuple[Label, ...]:
        """Standard deviations and correlations, in the order of theta."""
        out = []
        for column, first in enumerate(effects):
            out.append(Label("sd", first))
            out += [Label("cor", f"{second}.{first}") for second in effects[column + 1 :]]
        return tuple(out)

    def Lambda(self, theta: Array) -> Array:
        """See `Root`."""
        out = np.zeros((self.size, self.size, *theta.shape[1:]))
        out[lower_triangle(self.size)] = theta
        return out

    def gradient(self, K: Array, theta: Array) -> Array:
        """The lower triangle of 2 K Lambda."""
        by_entry: Array = 2 * stacked.multiply(K, self.Lambda(theta))
        return by_entry[lower_triangle(self.size)]

    def directions(self, theta: Array) -> Array:
        """E Lambda' + Lambda E', where E has a one at the element's place."""
        Lambda = self.Lambda(theta)
        dS = np.zeros((self.n_theta, *Lambda.shape))
        for k, (row, column) in enumerate(zip(*lower_triangle(self.size), strict=True)):
            dS[k, row] += Lambda[:, column]
            dS[k, :, row] += Lambda[:, column]
        return dS

    def curvature(self, K: Array, theta: Array) -> Array:  # noqa: ARG002 (S is quadratic)
        """2 K between the rows of two elements of one column."""
        rows, columns = lower_triangle(self.size)
        same = (columns[:, None] == columns).astype(float)
        out: Array = 2 * K[rows][:, rows] * same.reshape(same.shape + (1,) * (K.ndim - 2))
        return out

    def near_boundary(self, theta: Array, tolerance: Array | float) -> NDArray[np.bool_]:
        """A diagonal entry vanishes."""
        return np.asarray((theta < tolerance)[self.is_deviation].any(axis=0))

    def canonical(self, theta: Array, tolerance: Array | float = 0.0) -> Array:
        """Of `canonical` below."""
        return canonical(self.Lambda(theta), float(np.max(tolerance)))[lower_triangle(self.size)]

    def of_covariance(self, S: Array) -> Array:
        """The lower triangular root."""
        values, vectors = np.linalg.eigh(S)
        half = vectors * np.sqrt(np.maximum(values, 0))
        return canonical(np.linalg.qr(half.T).R.T)[lower_triangle(self.size)]

    def components(self, S: Array, sd_cor: bool) -> Array:
        """The lower triangle of S, or of its standard deviations and correlations."""
        rows, columns = lower_triangle(self.size)
        if not sd_cor:
            return S[rows, columns]
        sd = np.sqrt(np.diag(S))
        with np.errstate(invalid="ignore", divide="ignore"):
            cor = np.clip(S[rows, columns] / (sd[rows] * sd[columns]), -1.0, 1.0)
        return np.where(rows == columns, sd[rows], cor)

    def component_directions(self, theta: Array) -> Array:  # noqa: ARG002 (S is linear in them)
        """Ones at the element's place and at its mirror image."""
        rows, columns = lower_triangle(self.size)
        dS = np.zeros((self.n_theta, self.size, self.size))
        k = np.arange(self.n_theta)
        dS[k, rows, columns] = dS[k, columns, rows] = 1.0
        return dS


def canonical(Lambda: Array, tolerance: float = 0.0) -> Array:
    """The one lower triangular root of LambdaLambda' with a diagonal >= 0.

    A column's sign does not matter to LambdaLambda'. Where a diagonal entry vanishes the
    entries below it are not unique either; then they are moved to the right, so that the
    column is zero (the Cholesky factor of a semidefinite matrix).

    Parameters
    ----------
    Lambda : (q, q) array
        Lower triangular.
    tolerance : float
        Diagonal entries up to this size count as zero.
    """
    L = Lambda.copy()
    size = L.shape[0]
    for k in range(size):
        if abs(L[k, k]) <= tolerance:
            L[k, k] = 0.0
            if k + 1 < size and L[k + 1 :, k].any():
                # Rows below k of columns k.. again as a lower triangle, by a QR of the transpose.
                rest = np.linalg.qr(L[k + 1 :, k:].T).R.T
                L[k + 1 :, k] = 0.0
                L[k + 1 :, k + 1 :] = rest[:, : size - k - 1]
        if L[k, k] < 0:
            L[k:, k] *= -1
    return L
