"""What the levels of a factor share with the effects that are eliminated after it.

T_1r' P T_1r, which leaves the cross-products of the rest when a factor goes, and the diagonal
blocks of T_1r N T_1r', which carry a derivative N back. Both are linear, and only P and N change
with theta, so where every element goes is found out once.

Three ways, the same numbers. `SparseBorder` multiplies sparse matrices and never forms an element
that is not there: for factors that others are nested in. Where the rest becomes dense anyway,
`ListedBorder` keeps the map from P to it as one sparse matrix (few effects meet at a level), and
`DenseBorder` multiplies dense rows (many meet).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# A map is kept (12 bytes an element) that has up to so many elements, and so many more for each of
# T_1r: memory stays in proportion to the elements that are not zero.
LISTED_UP_TO = 10_000_000
LISTED_FOR_EACH = 30
# Where dense rows are as fast they are multiplied: in the time of one element of the map there are
# so many multiplications.
LISTED_COST = 60
# Elements of the rows that are made dense at a time.
DENSE_AT_ONCE = 4_000_000


class Border(Protocol):
    """The cross-products T_1r (Jq, m) of a factor with what comes after it."""

    def carried(self, P: Array) -> sp.csr_array | Array:
        """T_1r' P T_1r (m, m) for blocks P (q, q, J); of a dense one the lower triangle counts."""

    def blocks(self, N: sp.csr_array | Array) -> Array:
        """Diagonal blocks (q, q, J) of T_1r N T_1r' for a symmetric N (m, m)."""


@dataclass(frozen=True)
class SparseBorder:
    """A `Border` that multiplies sparse matrices.

    Attributes
    ----------
    T1r : (Jq, m) CSR array
        As `completed` returns it.
    q : int
    """

    T1r: sp.csr_array
    q: int

    def carried(self, P: Array) -> sp.csr_array:
        """See `Border`."""
        return sp.csr_array(self.T1r.T @ (block_diagonal(P) @ self.T1r))

    def blocks(self, N: sp.csr_array | Array) -> Array:
        """See `Border`."""
        product = on_pattern(self.T1r, self.T1r @ N)
        q = self.q
        out = np.empty((q, q, self.T1r.shape[0] // q))
        for a in range(q):
            for b in range(a, q):
                out[a, b] = out[b, a] = _row_dots(self.T1r[b::q], product[a::q])
        return out


@dataclass(frozen=True)
class ListedBorder:
    """A `Border` that keeps the map from P to T_1r' P T_1r.

    Attributes
    ----------
    size : int
        The order m of the rest.
    q : int
    where : (k,) array of int
        The elements of the lower triangle that are not zero, in a matrix stored by columns.
    diagonal : array of int
        Which of them are on the diagonal.
    how : (k, J q (q + 1) / 2) CSC array
        How they depend on the elements of P on and below the diagonal, pair by pair.
    """

    size: int
    q: int
    where: Indices
    diagonal: Indices
    how: sp.csc_array

    def carried(self, P: Array) -> Array:
        """See `Border`."""
        out = np.zeros(self.size * self.size)
        out[self.where] = self.how @ np.concatenate([P[a, b] for a, b in _pairs(self.q)])
        return out.reshape(self.size, self.size, order="F")

    def blocks(self, N: sp.csr_array | Array) -> Array:
        """See `Border`."""
        # An element off the diagonal stands for two of N, and so does one of P.
        values = 2 * np.asarray(N).ravel(order="K")[self.where]
        values[self.diagonal] /= 2
        by_pair = (self.how.T @ values).reshape(len(_pairs(self.q)), -1)
        out = np.empty((self.q, self.q, by_pair.shape[1]))
        for (a, b), row in zip(_pairs(self.q), by_pair, strict=True):
            out[a, b] = out[b, a] = row if a == b else row / 2
        return out


@dataclass(frozen=True)
class DenseBorder:
    """A `Border` that multiplies dense rows, some levels at a time.

    Attributes
    ----------
    T1r : (Jq, m) CSR array
    q : int
    """

    T1r: sp.csr_array
    q: int

    def carried(self, P: Array) -> Array:
        """See `Border`."""
        out = np.zeros((self.T1r.shape[1],) * 2, order="F")
        for levels, rows in self._parts():
            PT = np.einsum("abj,jbm->jam", P[:, :, levels], rows).reshape(-1, rows.shape[2])
            out += rows.reshape(PT.shape).T @ PT
        return out

    def blocks(self, N: sp.csr_array | Array) -> Array:
        """See `Border`."""
        out = np.empty((self.q, self.q, self.T1r.shape[0] // self.q))
        for levels, rows in self._parts():
            product = (rows.reshape(-1, rows.shape[2]) @ N).reshape(rows.shape)
            out[:, :, levels] = np.einsum("jam,jbm->abj", rows, product)
        return out

    def _parts(self) -> Iterator[tuple[slice, Array]]:
        """Levels, and their rows (levels, q, m)."""
        J, m = self.T1r.shape[0] // self.q, self.T1r.shape[1]
        step = max(1, DENSE_AT_ONCE // max(1, m * self.q))
        for first in range(0, J, step):
            stop = min(J, first + step)
            rows = self.T1r[first * self.q : stop * self.q].toarray()
            yield slice(first, stop), rows.reshape(stop - first, self.q, m)


def completed(T1r: sp.csr_array, q: int) -> sp.csr_array:
    """The same matrix with an element, though it be zero, for all effects of a level or for none.

    The elements of N that two effects of a level need are then among those of either.
    """
    if q == 1:
        return T1r
    by_level = _by_level(T1r, q)
    if by_level.nnz * q == T1r.nnz:
        return T1r
    of_level = sp.csr_array(sp.kron(by_level, np.ones((q, 1))))
    of_level.sort_indices()
    rows = np.repeat(np.arange(T1r.shape[0]), np.diff(of_level.indptr))
    width = np.int64(T1r.shape[1])
    found = sp.coo_array(T1r)
    at = np.searchsorted(rows * width + of_level.indices, found.coords[0] * width + found.coords[1])
    values = np.zeros(of_level.nnz)
    values[at] = found.data
    return sp.csr_array((values, of_level.indices, of_level.indptr), shape=T1r.shape)


def _by_level(T1r: sp.csr_array, q: int) -> sp.csr_array:
    """Which of the rest the levels meet: positive elements (J, m), with zeros of T_1r."""
    ones = sp.csr_array((np.ones(T1r.nnz), T1r.indices, T1r.indptr), shape=T1r.shape)
    return sp.csr_array(sum((ones[a::q] for a in range(1, q)), ones[::q]))


def dense_border(T1r: sp.csr_array, q: int) -> Border:
    """The faster border for a rest that is dense."""
    J, m = T1r.shape[0] // q, T1r.shape[1]
    by_level = _by_level(T1r, q)
    met = np.diff(by_level.indptr).astype(float)
    elements = float((met * (met + 1) / 2).sum()) * q * (q + 1) / 2
    most = LISTED_UP_TO + LISTED_FOR_EACH * T1r.nnz
    if elements > most or LISTED_COST * elements > J * q * float(m) ** 2:
        return DenseBorder(T1r, q)
    return _listed(T1r, q, by_level)


def _listed(T1r: sp.csr_array, q: int, by_level: sp.csr_array) -> ListedBorder:
    by_level.sort_indices()
    m, met = T1r.shape[1], np.diff(by_level.indptr)
    # Values (q, k) of T_1r at all elements that any effect of the level has.
    level = np.repeat(np.arange(len(met)), met)
    column = by_level.indices.astype(np.intp)
    keys = level * np.int64(m) + column
    values = np.zeros((q, len(keys)))
    for a in range(q):
        part = sp.coo_array(T1r[a::q])
        values[a, np.searchsorted(keys, part.coords[0] * np.int64(m) + part.coords[1])] = part.data
    # All pairs of elements of a level, the second not before the first, level by level.
    left = met[level] - (np.arange(len(keys)) - np.repeat(by_level.indptr[:-1], met))
    first = np.repeat(np.arange(len(keys)), left)
    second = np.arange(len(first)) - np.repeat(np.cumsum(left) - left, left) + first
    place = column[second] + column[first] * m
    there = np.zeros(m * m, bool)
    there[place] = True
    where = np.flatnonzero(there)
    rank = np.cumsum(there, dtype=np.int32) - 1
    row = rank[place]
    starts = np.concatenate([[0], np.cumsum(met * (met + 1) // 2)])
    parts = []
    for a, b in _pairs(q):
        product = values[a, first] * values[b, second]
        if a != b:
            product += values[b, first] * values[a, second]
        parts.append(sp.csc_array((product, row, starts), shape=(len(where), len(met))))
    how = parts[0] if q == 1 else sp.csc_array(sp.hstack(parts))
    return ListedBorder(m, q, where, np.flatnonzero(where // m == where % m), how)


def _pairs(q: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(q) for b in range(a + 1)]


def block_diagonal(blocks: Array) -> sp.bsr_array:
    """Blocks (q, q, J) as a sparse matrix (Jq, Jq)."""
    levels = blocks.shape[2]
    data = np.ascontiguousarray(np.moveaxis(blocks, -1, 0))
    return sp.bsr_array((data, np.arange(levels), np.arange(levels + 1)))


def on_pattern(pattern: sp.csr_array, values: Any) -> sp.csr_array:
    """Elements of `values` where `pattern` has elements."""
    ones = pattern.copy()
    ones.data = np.ones_like(ones.data)
    return sp.csr_array(ones.multiply(values))


def _row_dots(one: sp.csr_array, other: sp.csr_array) -> Array:
    return np.asarray(one.multiply(other).sum(axis=1)).ravel()
