"""How many digits the data determine, and how many R's algorithm may lose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.referee.covariance import templates
from parity.referee.cross_products import CrossProducts
from parity.referee.exact import HALF_UNIT
from parity.referee.rows import Rows

Array = NDArray[np.float64]
SEEDS = (1, 2, 3)
# Three random moves are not the worst one, and an algorithm rounds more than once.
_ROOM = 10.0
# Cholesky's method rounds a few times where its bound counts once.
_ROOM_R = 4.0
_LARGEST = 20_000_000  # numbers of the dense matrix whose singular values are taken


def wobble(
    products: Callable[[int], CrossProducts],
    theta: Sequence[float],
    value: Callable[[CrossProducts, Sequence[object]], Array],
    reference: Array,
) -> Array:
    """Return what half a unit in the last place of data and theta may change, shape of a row.

    Parameters
    ----------
    products
        Gives the cross-products of data moved at random, by seed.
    value
        The quantity at a theta.
    reference
        The quantity of the data as they are.

    Returns
    -------
    ndarray
        For each column the largest change, with room for moves that are worse.
    """
    changes = []
    for seed in SEEDS:
        moved = products(seed)
        mp, rng = moved.mp, np.random.default_rng(seed)
        signs = rng.choice((-1, 1), len(theta)).tolist()
        at = [mp.mpf(x) * (1 + mp.ldexp(s, -HALF_UNIT)) for x, s in zip(theta, signs, strict=True)]
        changes.append(np.abs(value(moved, at) - reference))
    largest: Array = np.max(changes, axis=0).max(axis=0)
    return _ROOM * largest


@dataclass(frozen=True)
class Condition:
    """How ill-conditioned the least squares problem is that R solves by its normal equations.

    Attributes
    ----------
    design
        Condition number of the columns of [Z Lambda, X] with the penalty below, each of length
        one.
    whole
        The same with y as another column.
    """

    design: float
    whole: float

    @property
    def loss(self) -> float:
        """Relative error that rounding may leave in R's numbers.

        Forming the cross-products squares the condition of the design; a response that is
        large beside its residuals costs its ratio to them.
        """
        return _ROOM_R * float(np.finfo(float).eps) * self.design * self.whole


def condition_of(rows: Rows, theta: Sequence[float]) -> Condition | None:
    """Take the singular values at a theta; None where the dense matrix would be too large."""
    n, p = rows.X.shape
    q = sum(term.size * term.levels for term in rows.terms)
    if (n + q) * (q + p + 1) > _LARGEST:
        return None
    root = np.ones(n) if rows.weights is None else np.sqrt(rows.weights)
    Z = np.zeros((n, q))
    Z[rows.row, rows.column] = rows.entry
    first = 0
    for term, T in zip(rows.terms, templates(np.asarray(theta), rows.terms), strict=True):
        for _ in range(term.levels):
            Z[:, first : first + term.size] = Z[:, first : first + term.size] @ T
            first += term.size
    y = rows.y if rows.offset is None else rows.y - rows.offset
    top = root[:, None] * np.hstack([Z, rows.X, y[:, None]])
    whole = np.vstack([top, np.eye(q, q + p + 1)])
    length = np.sqrt((whole**2).sum(axis=0))
    whole /= np.where(length > 0, length, 1.0)
    return Condition(_ratio(whole[:, :-1]), _ratio(whole))


def _ratio(matrix: Array) -> float:
    values = np.linalg.svd(matrix, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 0 else float("inf")
