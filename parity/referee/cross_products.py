"""What the criterion takes of the rows, exactly: cross-products of Z, X and y, part by part."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from parity.errors import EvidenceError
from parity.referee.exact import Exact
from parity.referee.parts import DIGITS, check_size, linked
from parity.referee.rows import Rows

Number = Any  # mpmath's mpf
Matrix = list[list[Number]]


@dataclass(frozen=True)
class Part:
    """Columns of Z that are linked through rows, and share no row with any other column.

    Attributes
    ----------
    blocks
        Of each level in the part: its term, and the number of its first column in Z.
    places
        For each block, where its columns stand in `ZZ`.
    rows
        The rows of the data.
    ZZ, ZT
        Z'WZ ``(q, q)`` and Z'W[X y] ``(q, p + 1)``, y less the offset.
    """

    blocks: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, ...], ...]
    rows: tuple[int, ...]
    ZZ: Matrix
    ZT: Matrix


@dataclass(frozen=True)
class CrossProducts:
    """Everything that does not depend on theta, with 50 digits or exactly.

    Attributes
    ----------
    mp
        The arithmetic: mpmath's context.
    TT
        [X y]'W[X y] ``(p + 1, p + 1)``.
    log_weights
        Sum of the logarithms of the weights.
    """

    mp: Any
    rows: Rows
    parts: tuple[Part, ...]
    TT: Matrix
    log_weights: Number

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.rows.y)

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.rows.X.shape[1])


def arithmetic() -> Any:
    """Return 50-digit arithmetic of its own, so that nobody else's precision changes.

    Raises
    ------
    EvidenceError
        mpmath is not installed.
    """
    try:
        mpmath = import_module("mpmath")
    except ImportError:
        message = "mpmath is not installed (`pip install pybootmlm[referee]`)"
        raise EvidenceError(message) from None
    context = mpmath.mp.clone()
    context.dps = DIGITS
    return context


@lru_cache(maxsize=8)
def cross_products(rows: Rows, seed: int | None = None) -> CrossProducts:
    """Take the cross-products of a model's rows.

    Parameters
    ----------
    seed
        Moves every number of the data up or down by half a unit of its last place, at random:
        what the numbers determine shows in what such a move changes.

    Raises
    ------
    EvidenceError
        mpmath is missing, or the model is too large.
    """
    mp = arithmetic()
    check_size(rows)
    rng = None if seed is None else np.random.default_rng(seed)

    def exact(numbers: Sequence[float]) -> Exact:
        moves = None if rng is None else rng.choice((-1, 1), len(numbers)).tolist()
        return Exact.of(numbers, moves)

    n = len(rows.y)
    y = exact(rows.y.tolist())
    if rows.offset is not None:
        y = y.minus(exact(rows.offset.tolist()))
    T = [exact(column.tolist()) for column in rows.X.T] + [y]
    w = Exact((1,) * n, 0) if rows.weights is None else exact(rows.weights.tolist())
    weighted = T if rows.weights is None else [w.times(t) for t in T]
    entry = exact(rows.entry.tolist())

    def number(integer: int, shift: int) -> Number:
        return mp.ldexp(mp.mpf(integer), -shift)

    TT = [[number(*a.dot(b)) for b in weighted] for a in T]
    z = _Columns(rows, entry, w, weighted)
    parts = []
    for blocks in linked(rows):
        columns = [c for k, first in blocks for c in range(first, first + rows.terms[k].size)]
        places, used = [], 0
        for k, _ in blocks:
            places.append(tuple(range(used, used + rows.terms[k].size)))
            used += rows.terms[k].size
        ZZ = [[number(*z.by_column(a, b)) for b in columns] for a in columns]
        ZT = [[number(*z.by_rows(a, t)) for t in range(len(T))] for a in columns]
        touched = sorted({i for c in columns for i in z.rows_of(c)})
        parts.append(Part(tuple(blocks), tuple(places), tuple(touched), ZZ, ZT))
    logs = mp.mpf(0) if rows.weights is None else mp.fsum(mp.log(x) for x in rows.weights.tolist())
    return CrossProducts(mp, rows, tuple(parts), TT, logs)


class _Columns:
    """Columns of Z, each with the rows where it is not zero."""

    def __init__(self, rows: Rows, entry: Exact, w: Exact, weighted: Sequence[Exact]) -> None:
        self._shift = (entry.shift, w.shift)
        self._weighted = weighted
        self._w = w.integers
        self._of: dict[int, dict[int, int]] = defaultdict(dict)
        for i, c, x in zip(rows.row.tolist(), rows.column.tolist(), entry.integers, strict=True):
            self._of[c][i] = x

    def rows_of(self, column: int) -> Sequence[int]:
        return list(self._of[column])

    def by_column(self, one: int, other: int) -> tuple[int, int]:
        a, b = self._of[one], self._of[other]
        total = sum(self._w[i] * x * b[i] for i, x in a.items() if i in b)
        return total, 2 * self._shift[0] + self._shift[1]

    def by_rows(self, column: int, t: int) -> tuple[int, int]:
        own, right = self._of[column], self._weighted[t]
        total = sum(x * right.integers[i] for i, x in own.items())
        return total, self._shift[0] + right.shift
