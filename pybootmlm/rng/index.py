"""Indices below n, drawn with equal weights: R's two kinds, "Rejection" and "Rounding".

Rejection joins chunks of 16 random bits, the first being the highest, keeps as many bits as n
needs, and tries again while the result is n or more. Rounding, R's way before 3.6.0, is
``floor(n u)``, with a finer u where n exceeds the integers.

To vectorise rejection without reading a number too many, as many tries are read as values are
still needed: however many of them fail, none was in excess. The rest is read in the same way, so
a call ends, after a few ever shorter rounds, exactly where R ends.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pybootmlm.rng.source import Chunks, Floats, Source

Indices = NDArray[np.int64]

INTEGER_MAX = 2**31 - 1
TWO25 = 33554432.0
BLOCK = 1 << 17  # tries at a time: enough for speed, and little memory however many are wanted


def bits_for(n: int) -> int:
    """Return how many random bits one try at an index below `n` keeps."""
    return math.ceil(math.log2(n))


def chunks_per_try(bits: int) -> int:
    """Return how many uniforms one try takes: also 0 bits take one, and 16 bits two."""
    return bits // 16 + 1


def join(chunks: Chunks, bits: int) -> NDArray[np.integer]:
    """Return one value a try from all the tries' chunks, as the narrowest type that serves.

    Parameters
    ----------
    chunks
        16 bits each, shape ``(tries * chunks_per_try(bits),)``.
    bits
        How many of the lowest bits to keep.

    Examples
    --------
    >>> join(np.array([1, 2, 3, 4], dtype=np.uint16), 16).tolist()
    [2, 4]
    >>> join(np.array([1, 2, 3, 4], dtype=np.uint16), 17).tolist()
    [65538, 65540]
    """
    if bits < 16:
        return chunks & np.uint16((1 << bits) - 1)
    columns = chunks.reshape(-1, chunks_per_try(bits)).astype(np.int64)
    value = columns[:, 0]
    for column in columns.T[1:]:
        value = value << 16 | column  # four columns wrap around, above the bits that are kept
    return value & ((1 << bits) - 1)


def by_rejection(source: Source, n: int, size: int) -> Indices:
    """Return `size` indices of 0, ..., `n` - 1, independent, shape ``(size,)``."""
    bits = bits_for(n)
    width = chunks_per_try(bits)
    out = np.empty(size, dtype=np.int64)
    done = 0
    while done < size:
        values = join(source.chunks(min(size - done, BLOCK) * width), bits)
        values = values[values < n]
        out[done : done + values.size] = values
        done += values.size
    return out


def rounding_uniforms(source: Source, n: int, size: int) -> Floats:
    """Return the `size` uniforms that "Rounding" scales by `n`."""
    if n <= INTEGER_MAX:
        return source.uniforms(size)
    u = source.uniforms(2 * size)
    finer: Floats = (np.floor(TWO25 * u[0::2]) + u[1::2]) / TWO25
    return finer


def by_rounding(source: Source, n: int, size: int) -> Indices:
    """Return `size` indices of 0, ..., `n` - 1 as R before 3.6.0 drew them."""
    return np.floor(n * rounding_uniforms(source, n, size)).astype(np.int64)


def with_replacement(source: Source, n: int, size: int, *, rounding: bool) -> Indices:
    """Return `size` independent indices below `n`, by the sample kind in force."""
    return by_rounding(source, n, size) if rounding else by_rejection(source, n, size)
