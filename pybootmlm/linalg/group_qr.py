"""Thin QR factorisations of the rows of every group at once.

Row-block j of Z becomes Q_j F_j with Q_j'Q_j = I and F_j upper triangular, by modified
Gram-Schmidt run twice ("twice is enough", Giraud et al. 2005, Computers & Mathematics with
Applications 50), vectorised over the groups: time and memory grow linearly with the rows.
A column that depends on the ones before it within a group (a group with fewer rows than
columns, a covariate that is constant in a group) gets a zero row in F_j and a zero column in Q_j.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A column is dependent when projection leaves less of it than rounding can: a few hundred ulps.
DEPENDENT = 1e-13


@dataclass(frozen=True)
class GroupQR:
    """Orthonormal bases of the random-effects columns, group by group.

    Attributes
    ----------
    Q : (n, q) array
        Rows of the orthonormal bases.
    F : (q, q, J) array
        Upper triangular factors, matrix axes first.
    codes : (n,) array
        Group of each row.
    """

    Q: Array
    F: Array
    codes: NDArray[np.intp]

    @property
    def n_groups(self) -> int:
        """Number of groups J."""
        return int(self.F.shape[2])

    def coordinates(self, columns: Array) -> Array:
        """Q_j' columns for each group: (q, c, J) from (n, c)."""
        q, c = self.Q.shape[1], columns.shape[1]
        out = np.empty((q, c, self.n_groups))
        for a in range(q):
            for b in range(c):
                out[a, b] = group_sums(self.Q[:, a] * columns[:, b], self.codes, self.n_groups)
        return out

    def residual(self, columns: Array, coordinates: Array) -> Array:
        """What the bases leave of `columns` (n, c), whose `coordinates` are given."""
        out = columns.copy()
        for a in range(self.Q.shape[1]):
            # By rows: gathering columns and transposing takes several times as long.
            out -= self.Q[:, a, None] * np.ascontiguousarray(coordinates[a].T)[self.codes]
        return out


def group_sums(values: Array, codes: NDArray[np.intp], n_groups: int) -> Array:
    """Sums of `values` (n,) over groups: (J,)."""
    return np.bincount(codes, weights=values, minlength=n_groups).astype(float, copy=False)


def group_qr(Z: Array, codes: NDArray[np.intp], n_groups: int) -> GroupQR:
    """Factorise the rows of `Z` (n, q) of each group; see the module's docstring."""
    n, q = Z.shape
    Q = np.zeros((n, q))
    F = np.zeros((q, q, n_groups))
    for k in range(q):
        column = Z[:, k].copy()
        norm = np.sqrt(group_sums(column**2, codes, n_groups))
        for _ in range(2):
            for a in range(k):
                share = group_sums(Q[:, a] * column, codes, n_groups)
                F[a, k] += share
                column -= Q[:, a] * share[codes]
        left = np.sqrt(group_sums(column**2, codes, n_groups))
        independent = left > DEPENDENT * norm
        F[k, k] = np.where(independent, left, 0.0)
        Q[:, k] = column * np.divide(1.0, left, out=np.zeros_like(left), where=independent)[codes]
    return GroupQR(Q, F, codes)
