"""All that one grouping factor's criterion needs of the rows, taken once.

Within group j, Z_j = Q_j F_j; what the criterion needs is F_j, the coordinates Q_j'[X y], and
the cross-products of what Q_j leaves of [X y]. Every later quantity is a sum of squares of
these, so nothing cancels, however large the random effects are.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg.group_qr import GroupQR, group_qr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sufficient statistics of B data sets that share Z and X up to the choice of groups.

    The last axis of the group quantities runs over the J groups, the one before it over the B
    data sets; an axis of length 1 is shared.

    Attributes
    ----------
    F : (q, q, 1 or B, J) array
        Triangular factors of the groups' Z.
    fX : (q, p, 1 or B, J) array
        Coordinates of X.
    fy : (q, B, J) array
        Coordinates of y.
    WXX, WXy, Wyy : (p, p, B or 1), (p, B), (B,) arrays
        Cross-products within groups.
    n : (B,) array
        Numbers of rows.
    multiplicity : (B, J) array or None
        How often each group counts; None stands for once.
    """

    F: Array
    fX: Array
    fy: Array
    WXX: Array
    WXy: Array
    Wyy: Array
    n: Array
    multiplicity: Array | None = None

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.fX.shape[1])

    def take(self, sets: NDArray[np.intp]) -> "Moments":
        """The data sets at positions `sets` only."""

        def pick(values: Array, axis: int) -> Array:
            return values if values.shape[axis] == 1 else values.take(sets, axis=axis)

        return replace(
            self,
            F=pick(self.F, 2),
            fX=pick(self.fX, 2),
            fy=pick(self.fy, 1),
            WXX=pick(self.WXX, 2),
            WXy=pick(self.WXy, 1),
            Wyy=pick(self.Wyy, 0),
            n=pick(self.n, 0),
            multiplicity=None if self.multiplicity is None else pick(self.multiplicity, 0),
        )


@dataclass(frozen=True)
class GroupedRows:
    """Rows in standardised coordinates, split into their parts between and within groups."""

    qr: GroupQR
    X_within: Array
    fX: Array
    WXX: Array

    def moments(self, y: Array) -> Moments:
        """Moments of the responses `y`: (n,) for one data set, (n, B) for many."""
        columns = y[:, None] if y.ndim == 1 else y
        fy = self.qr.coordinates(columns)
        within = self.qr.residual(columns, fy)
        sets = columns.shape[1]
        return Moments(
            F=self.qr.F[:, :, None],
            fX=self.fX[:, :, None],
            fy=fy,
            WXX=self.WXX[:, :, None],
            WXy=self.X_within.T @ within,
            Wyy=np.einsum("nb,nb->b", within, within),
            n=np.full(sets, float(len(columns))),
        )


def group_rows(Z: Array, codes: NDArray[np.intp], n_groups: int, X: Array) -> GroupedRows:
    """Split the rows of X (n, p), and later of y, along the groups' Z (n, q)."""
    qr = group_qr(Z, codes, n_groups)
    fX = qr.coordinates(X)
    within = qr.residual(X, fX)
    return GroupedRows(qr, within, fX, within.T @ within)
