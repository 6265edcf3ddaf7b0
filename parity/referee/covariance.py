"""Theta and the covariance that it stands for: only the covariance is seen by the data."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parity.referee.rows import Rows, Term

Array = NDArray[np.float64]
_NOTHING = 1e-14  # a pivot below this share of its variance is rounding


def on_diagonal(terms: Sequence[Term]) -> NDArray[np.bool_]:
    """Say which entries of theta ``(t,)`` stand on the diagonal of Lambda."""
    places = [
        row == column
        for term in terms
        for column in range(term.size)
        for row in range(column, term.size)
    ]
    return np.array(places)


def scale_of(rows: Rows) -> Array:
    """Units ``(t,)`` of theta: one over the root mean square of the column of Z it multiplies."""
    first = 0
    out: list[float] = []
    squares = np.bincount(rows.column, rows.entry**2, minlength=int(rows.column.max()) + 1)
    for term in rows.terms:
        last = first + term.size * term.levels
        padded = np.zeros(last - first)
        own = squares[first:last]
        padded[: len(own)] = own
        sizes = np.sqrt(padded.reshape(-1, term.size).sum(axis=0) / len(rows.y))
        for column in range(term.size):
            out += [1 / max(sizes[row], 1e-300) for row in range(column, term.size)]
        first = last
    return np.array(out)


def templates(theta: Array, terms: Sequence[Term]) -> list[Array]:
    """Return the lower triangle T ``(q, q)`` of each term, which theta fills by columns."""
    found, used = [], 0
    for term in terms:
        T = np.zeros((term.size, term.size))
        for column in range(term.size):
            last = used + term.size - column
            T[column:, column] = theta[used:last]
            used = last
        found.append(T)
    return found


def covariances(theta: Array, terms: Sequence[Term]) -> list[Array]:
    """Return T T' of each term."""
    return [T @ T.T for T in templates(theta, terms)]


def theta_of(matrices: Sequence[Array]) -> Array:
    """Return the theta ``(t,)``, its diagonal not negative, whose covariances these are.

    Examples
    --------
    >>> theta_of([np.array([[4.0, 2.0], [2.0, 1.0]])])
    array([2., 1., 0.])
    """
    entries: list[float] = []
    for S in matrices:
        rest = S.copy()
        for column in range(len(S)):
            pivot = rest[column, column]
            own = np.zeros(len(S) - column)
            if pivot > _NOTHING * max(S[column, column], 0.0):
                own = rest[column:, column] / np.sqrt(pivot)
                rest[column:, column:] -= np.outer(own, own)
            entries += own.tolist()
    return np.array(entries)


def way_between(
    one: Array, other: Array, terms: Sequence[Term] | None, steps: Array
) -> list[Array]:
    """Return thetas on the way from one to another.

    The way is straight in the covariances, where the criterion is flat along straight lines:
    thetas that the data cannot tell apart, be it by their signs, lie on curves. Without terms it
    is straight in theta.
    """
    if terms is None:
        return [(1 - s) * one + s * other for s in steps]
    pairs = list(zip(covariances(one, terms), covariances(other, terms), strict=True))
    return [theta_of([(1 - s) * A + s * B for A, B in pairs]) for s in steps]
