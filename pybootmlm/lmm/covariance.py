r"""From theta to Lambda and back.

:math:`\operatorname{Var}(b) = \sigma^2 \Lambda \Lambda'`. Each random-effects term has a template:
a lower triangular matrix whose entries, column by column, are its part of theta (Bates,
Mächler, Bolker and Walker 2015, J. Stat. Softw. 67(1), section 2.2). The terms of one grouping
factor stand together as one block-diagonal template.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FactorCovariance:
    """Template of Lambda for all terms of one grouping factor.

    Attributes
    ----------
    sizes : tuple of int
        Number of random effects of each term, in the order of theta.
    theta_index : (t,) array of int
        Positions in theta that fill this template.
    rows, columns : (t,) arrays of int
        Where in the template they stand.
    """

    sizes: tuple[int, ...]
    theta_index: NDArray[np.intp]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    @property
    def size(self) -> int:
        """Number q of random effects of a level of the factor."""
        return sum(self.sizes)

    def Lambda(self, theta: Array) -> Array:
        """Templates (q, q, ...) filled from `theta` (T, ...), the whole vector."""
        out = np.zeros((self.size, self.size, *theta.shape[1:]))
        out[self.rows, self.columns] = theta[self.theta_index]
        return out

    def chain(self, by_entry: Array) -> Array:
        """Derivatives by theta (t, ...) from derivatives by the entries of Lambda (q, q, ...)."""
        return by_entry[self.rows, self.columns]


@dataclass(frozen=True)
class Covariance:
    """Templates of all grouping factors of a model."""

    factors: tuple[FactorCovariance, ...]
    term_factor: tuple[int, ...]
    term_sizes: tuple[int, ...]

    @property
    def n_theta(self) -> int:
        """Length of theta."""
        return sum(q * (q + 1) // 2 for q in self.term_sizes)

    @property
    def term_slices(self) -> tuple[slice, ...]:
        """The part of theta that belongs to each term."""
        ends = np.cumsum([q * (q + 1) // 2 for q in self.term_sizes])
        return tuple(
            slice(int(end) - q * (q + 1) // 2, int(end))
            for q, end in zip(self.term_sizes, ends, strict=True)
        )

    @property
    def on_diagonal(self) -> NDArray[np.bool_]:
        """Which elements of theta stand on a diagonal, and so have the lower bound 0."""
        return np.concatenate(
            [np.equal(*lower_triangle(q)) for q in self.term_sizes] or [np.zeros(0, bool)]
        )

    def term_matrices(self, theta: Array) -> tuple[Array, ...]:
        """Lambda of each term: matrices (q, q), in the order of theta."""
        out = []
        for q, part in zip(self.term_sizes, self.term_slices, strict=True):
            matrix = np.zeros((q, q))
            matrix[lower_triangle(q)] = theta[part]
            out.append(matrix)
        return tuple(out)

    def from_matrices(self, matrices: tuple[Array, ...]) -> Array:
        """Theta from the lower triangular matrices of the terms."""
        return np.concatenate([M[lower_triangle(M.shape[0])] for M in matrices])


@lru_cache(maxsize=64)
def lower_triangle(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the lower triangle of a square matrix, column by column."""
    columns, rows = np.triu_indices(size)
    rows.flags.writeable = columns.flags.writeable = False
    return rows, columns


def build_covariance(term_factor: tuple[int, ...], sizes: tuple[int, ...]) -> Covariance:
    """Templates of a model whose terms have these grouping factors and sizes."""
    starts = np.concatenate([[0], np.cumsum([q * (q + 1) // 2 for q in sizes])])
    factors = []
    for f in range(max(term_factor) + 1):
        members = [i for i, factor in enumerate(term_factor) if factor == f]
        corner = 0
        index, rows, columns = [], [], []
        for i in members:
            r, c = lower_triangle(sizes[i])
            index.append(np.arange(starts[i], starts[i + 1]))
            rows.append(r + corner)
            columns.append(c + corner)
            corner += sizes[i]
        factors.append(
            FactorCovariance(
                sizes=tuple(sizes[i] for i in members),
                theta_index=np.concatenate(index),
                rows=np.concatenate(rows),
                columns=np.concatenate(columns),
            )
        )
    return Covariance(tuple(factors), term_factor, sizes)


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
