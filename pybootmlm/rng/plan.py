"""The index draws of many replicates: one pattern of (n, size), repeated.

A residual bootstrap draws, replicate after replicate, once from the groups and once from the
rows; REB draws once from the rows of each group as well. Rejection makes every position in the
stream depend on all the draws before it, so no draw can be looked up ahead. What can be done is to
make one draw cheap. Random bits are read in large blocks (never more than the replicates left are
certain to need), and one draw is a few passes over ever shorter slices: take as many tries as
values are still needed, keep the valid ones, go on with the remainder. For n up to 256 a pass is
a single `bytes.translate`, which maps and drops in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pybootmlm.rng.index import (
    INTEGER_MAX,
    bits_for,
    by_rejection,
    by_rounding,
    chunks_per_try,
    join,
)
from pybootmlm.rng.source import Chunks, Source

BLOCK = 1 << 17
BYTE = 256


@dataclass(frozen=True, slots=True)
class Segment:
    """One draw of a replicate, with what its passes need.

    Attributes
    ----------
    n, size
        `size` indices below `n`.
    start
        The draw's first column.
    bits, width
        Bits kept of a try, and the uniforms it takes.
    table, rejected
        For ``n <= 256``: what each byte becomes, and the bytes that are n or more.
    """

    n: int
    size: int
    start: int
    bits: int
    width: int
    table: bytes
    rejected: bytes


def _segments(draws: Sequence[tuple[int, int]]) -> list[Segment]:
    segments = []
    start = 0
    for n, size in draws:
        bits, width, masked, rejected = _tries(n)
        segments.append(Segment(n, size, start, bits, width, masked, rejected))
        start += size
    return segments


@lru_cache(maxsize=1024)
def _tries(n: int) -> tuple[int, int, bytes, bytes]:
    """Bits and uniforms of a try below `n`, and for bytes its table and what it rejects.

    Kept, because a case bootstrap draws from the same cluster sizes again and again.
    """
    bits = bits_for(n)
    masked = bytes(byte & ((1 << min(bits, 8)) - 1) for byte in range(BYTE))
    rejected = bytes(byte for byte in range(BYTE) if masked[byte] >= n) if n <= BYTE else b""
    return bits, chunks_per_try(bits), masked, rejected


class _Bits:
    """A block of the stream, as 16-bit chunks and (their low halves) as bytes."""

    def __init__(self, source: Source, needed: int) -> None:
        self._source = source
        self.needed = needed  # tries times width that the values still missing take at least
        self.chunks: Chunks = np.empty(0, dtype=np.uint16)
        self.bytes = b""
        self.position = 0

    def extend(self, count: int) -> None:
        """Make at least `count` chunks available from the position on."""
        left = self.chunks[self.position :]
        fresh = max(count, min(BLOCK, self.needed)) - left.size
        self.chunks = np.concatenate([left, self._source.chunks(fresh)])
        self.bytes = self.chunks.astype(np.uint8).tobytes()
        self.position = 0


def _draw_bytes(bits: _Bits, segment: Segment, parts: list[bytes]) -> None:
    missing = segment.size
    table, rejected = segment.table, segment.rejected
    position, block = bits.position, bits.bytes
    while missing:
        end = position + missing
        if end > len(block):
            bits.position = position
            bits.extend(missing)
            position, end, block = 0, missing, bits.bytes
        part = block[position:end].translate(table, rejected)
        position = end
        if part:
            parts.append(part)
            missing -= len(part)
            bits.needed -= len(part)
    bits.position = position


def _draw_chunks(bits: _Bits, segment: Segment, out: NDArray[np.integer]) -> None:
    done = 0
    while done < segment.size:
        count = (segment.size - done) * segment.width
        if bits.position + count > bits.chunks.size:
            bits.extend(count)
        values = join(bits.chunks[bits.position : bits.position + count], segment.bits)
        bits.position += count
        values = values[values < segment.n]
        out[done : done + values.size] = values
        done += values.size
        bits.needed -= values.size * segment.width


def _by_rejection(source: Source, segments: list[Segment], out: NDArray[np.integer]) -> None:
    per_replicate = sum(segment.size * segment.width for segment in segments)
    bits = _Bits(source, per_replicate * len(out))
    for row in out:
        parts: list[bytes] = []
        first = 0  # column of the first byte in `parts`
        for segment in segments:
            if segment.n <= BYTE:
                _draw_bytes(bits, segment, parts)
                continue
            if parts:
                row[first : segment.start] = np.frombuffer(b"".join(parts), dtype=np.uint8)
                parts = []
            first = segment.start + segment.size
            _draw_chunks(bits, segment, row[segment.start : first])
        if parts:
            row[first:] = np.frombuffer(b"".join(parts), dtype=np.uint8)


def _by_rounding(source: Source, segments: list[Segment], out: NDArray[np.integer]) -> None:
    if all(segment.n <= INTEGER_MAX for segment in segments):
        n = np.repeat([float(s.n) for s in segments], [s.size for s in segments])
        rows = max(1, BLOCK // max(1, out.shape[1]))
        for start in range(0, len(out), rows):
            block = out[start : start + rows]
            block[...] = source.uniforms(block.size).reshape(block.shape) * n  # rounds down
        return
    for row in out:
        for s in segments:
            row[s.start : s.start + s.size] = by_rounding(source, s.n, s.size)


def draw_plan(
    source: Source,
    draws: Sequence[tuple[int, int]],
    replicates: int,
    *,
    rounding: bool,
    dtype: type[np.integer],
) -> list[NDArray[np.integer]]:
    """Return the indices of all replicates, one array ``(replicates, size)`` for each draw.

    Parameters
    ----------
    source
        The stream.
    draws
        ``(n, size)`` of each draw of one replicate, in their order.
    replicates
        How often the pattern repeats.
    rounding
        The sample kind.
    dtype
        Type of the result.

    Returns
    -------
    The columns of one array ``(replicates, sum of sizes)``, which they share.
    """
    segments = _segments(draws)
    out = np.empty((replicates, sum(size for _, size in draws)), dtype=dtype)
    if rounding:
        _by_rounding(source, segments, out)
    elif len({n for n, size in draws if size}) == 1:  # one n: no need to go by replicates
        out[...] = by_rejection(source, max(n for n, size in draws if size), out.size).reshape(
            out.shape
        )
    else:
        _by_rejection(source, segments, out)
    return [out[:, s.start : s.start + s.size] for s in segments]
