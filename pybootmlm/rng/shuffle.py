"""Indices without replacement, with equal weights: a partial shuffle, or hashing for large n.

The shuffle picks one of the m that are left and moves the last of them into its place. Two
things make it data-dependent: how many are left decides what is rejected, and each pick depends
on all the moves before. The random bits are read in bulk all the same, since within a stretch
where m needs the same number of bits the number of tries still needed is known.

R hashes instead (draws with replacement and skips what was drawn before) when n is above ten
million and at most half of it is wanted.
"""

from collections.abc import Iterator

import numpy as np

from pybootmlm.rng.index import (
    Indices,
    bits_for,
    chunks_per_try,
    join,
    rounding_uniforms,
    with_replacement,
)
from pybootmlm.rng.source import Source

HASH_ABOVE = 10_000_000
SPARSE = 4  # a dictionary of moved places is quicker than a list from n >= SPARSE * size


def _rejection_picks(source: Source, n: int, size: int) -> Iterator[int]:
    """Yield `size` picks: the first below n, the next below n - 1, and so on."""
    left, last = n, n - size
    while left > last:
        bits = bits_for(left)
        floor = max(last, (1 << bits) >> 1 if bits else 0)  # from here on fewer bits do
        while left > floor:
            values = join(source.chunks((left - floor) * chunks_per_try(bits)), bits)
            for value in values.tolist():
                if value < left:
                    left -= 1
                    yield value


def _rounding_picks(source: Source, n: int, size: int) -> Iterator[int]:
    """Yield `size` picks as R before 3.6.0 made them."""
    u = rounding_uniforms(source, n, size)
    yield from np.floor(np.arange(n, n - size, -1) * u).astype(np.int64).tolist()


def shuffled(source: Source, n: int, size: int, *, rounding: bool) -> Indices:
    """Return `size` different indices below `n`, shape ``(size,)``, by R's partial shuffle."""
    picks = (_rounding_picks if rounding else _rejection_picks)(source, n, size)
    if n >= SPARSE * size:
        moved: dict[int, int] = {}
        out = []
        for last, pick in zip(range(n - 1, n - 1 - size, -1), picks, strict=True):
            out.append(moved.get(pick, pick))
            moved[pick] = moved.get(last, last)
        return np.array(out, dtype=np.int64)
    pool = list(range(n))
    out = []
    for pick in picks:
        out.append(pool[pick])
        last = pool.pop()
        if pick < len(pool):
            pool[pick] = last
    return np.array(out, dtype=np.int64)


def hashed(source: Source, n: int, size: int, *, rounding: bool) -> Indices:
    """Return the first `size` different ones of a stream of indices below `n`."""
    kept = np.empty(0, dtype=np.int64)
    while kept.size < size:
        fresh = with_replacement(source, n, size - kept.size, rounding=rounding)
        both = np.concatenate([kept, fresh])
        first = np.unique(both, return_index=True)[1]
        kept = both[np.sort(first)]
    return kept


def without_replacement(source: Source, n: int, size: int, *, rounding: bool) -> Indices:
    """Return `size` different indices below `n`, by the method that R would choose."""
    method = hashed if n > HASH_ABOVE and size <= n / 2 else shuffled
    return method(source, n, size, rounding=rounding)
