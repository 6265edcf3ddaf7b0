"""The rows that both sides fit, known to be R's: sent by R, or recognised by their digest."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parity.errors import EvidenceError
from parity.values import Value

Array = NDArray[np.float64]
WHOLE = 4000  # numbers that R sends as they are; about 40 kB of text
_PARTS = ("y", "X", "row", "column", "entry", "weights", "offset")


@dataclass(frozen=True)
class Term:
    """A random term: its grouping factor (from 1), its coefficients, its levels."""

    factor: int
    size: int
    levels: int

    @property
    def entries(self) -> int:
        """Number of its entries of theta."""
        return self.size * (self.size + 1) // 2


@dataclass(frozen=True, eq=False)
class Rows:
    """What a mixed model is fitted to, apart from the method and from theta.

    Attributes
    ----------
    y, X
        ``(n,)`` and ``(n, p)``.
    row, column, entry
        Entries of Z that are not zero, row by row: where they stand, from 0, and what they are.
        Columns are ordered term, level, coefficient.
    terms
        The random terms, in the order of theta.
    weights, offset
        ``(n,)``; None where R has ones, or zeros.
    """

    y: Array
    X: Array
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    entry: Array
    terms: tuple[Term, ...]
    weights: Array | None = None
    offset: Array | None = None

    @cached_property
    def digest(self) -> bytes:
        """MD5 of the numbers as little-endian doubles, the way ``referee.R`` takes it."""
        none = np.zeros(0)
        parts = (
            self.y,
            self.X.ravel(order="F"),
            self.row,
            self.column,
            self.entry,
            none if self.weights is None else self.weights,
            none if self.offset is None else self.offset,
        )
        numbers = np.concatenate([np.asarray(part, "<f8") for part in parts]) + 0.0
        return hashlib.md5(numbers.tobytes(), usedforsecurity=False).digest()

    def __hash__(self) -> int:
        return hash((self.digest, self.terms))

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Rows) and self.terms == other.terms
        return same and isinstance(other, Rows) and self.digest == other.digest


def terms_of(evidence: Mapping[str, Value]) -> tuple[Term, ...]:
    """Read the terms as ``referee.R`` writes them, a column each."""
    return tuple(Term(*map(int, column)) for column in evidence["terms"].numbers.T)


def rows_of(evidence: Mapping[str, Value], candidate: Callable[[], Rows]) -> Rows:
    """Return R's rows, or those of `candidate` if they are R's to the last bit.

    Raises
    ------
    EvidenceError
        R sent the digest only, and the candidate has another one.
    """
    terms = terms_of(evidence)
    if "y" in evidence:
        n, p = (int(size) for size in evidence["size"].numbers)
        part = {name: evidence[name].numbers for name in _PARTS}
        return Rows(
            y=part["y"],
            X=part["X"].reshape(n, p, order="F"),
            row=part["row"].astype(np.intp),
            column=part["column"].astype(np.intp),
            entry=part["entry"],
            terms=terms,
            weights=part["weights"] if part["weights"].size else None,
            offset=part["offset"] if part["offset"].size else None,
        )
    known = bytes(int(byte) for byte in evidence["md5"].numbers)
    rows = candidate()
    if rows.digest != known or rows.terms != terms:
        message = (
            "R's rows were too many to keep, and those that Python builds are not R's to the last "
            "bit (their MD5 differs)"
        )
        raise EvidenceError(message)
    return rows
