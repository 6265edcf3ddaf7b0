"""L'Ecuyer's combined multiple recursive generator, with its jumps ahead.

Two recurrences of order three run side by side,

    x_k = (1403580 x_{k-2} -  810728 x_{k-3}) mod m1,
    y_k = ( 527612 y_{k-1} - 1370589 y_{k-3}) mod m2,

and a number is their difference modulo m1, scaled. Being linear they can be moved any distance
by a power of a 3 by 3 matrix: that gives R's parallel streams, and the vectorisation used here
(many lanes, each started where the one before it ends).
"""

from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pybootmlm.rng.scrambling import step, warmed_up
from pybootmlm.rng.source import Chunks, Floats, Source

M1, M2 = 4294967087, 4294944443
A12, A13 = 1403580, 810728
A21, A23 = 527612, 1370589
SCALE = 2.328306549295727688e-10  # 1 / (m1 + 1)
STREAM_LOG2, SUBSTREAM_LOG2 = 127, 76
FEW = 256  # below this many numbers a plain loop is quicker than lanes

Matrix = tuple[tuple[int, int, int], ...]
Triple = tuple[int, int, int]
ONE_STEP: tuple[tuple[Matrix, int], ...] = (
    (((0, 1, 0), (0, 0, 1), (-A13 % M1, A12, 0)), M1),
    (((0, 1, 0), (0, 0, 1), (-A23 % M2, 0, A21)), M2),
)


@lru_cache(maxsize=512)
def _jump(component: int, log2: int) -> Matrix:
    """Return the matrix that moves a component 2^`log2` steps."""
    matrix, modulus = ONE_STEP[component]
    if log2:
        half = _jump(component, log2 - 1)
        columns = list(zip(*half, strict=True))
        matrix = tuple(_apply(columns, row, modulus) for row in half)
    return matrix


def _apply(rows: Matrix | list[tuple[int, ...]], vector: tuple[int, ...], modulus: int) -> Triple:
    a, b, c = (sum(r * v for r, v in zip(row, vector, strict=True)) % modulus for row in rows)
    return a, b, c


class LEcuyerCMRG(Source):
    """MRG32k3a [1]_, R's generator for parallel work, with its streams [2]_.

    References
    ----------
    .. [1] L'Ecuyer, P. (1999). Good parameters and implementations for combined multiple
       recursive random number generators. Operations Research 47, 159-164.
    .. [2] L'Ecuyer, P., Simard, R., Chen, E. J. and Kelton, W. D. (2002). An object-oriented
       random-number package with many long streams and substreams. Operations Research 50,
       1073-1075.

    Examples
    --------
    >>> LEcuyerCMRG.seeded(85957).uniforms(2).tolist()
    [0.8931545805596172, 0.015329426896879637]
    """

    name: ClassVar[str] = "L'Ecuyer-CMRG"
    code: ClassVar[int] = 7

    def __init__(self, x: Triple, y: Triple) -> None:
        self._x, self._y = x, y

    @classmethod
    def seeded(cls, seed: int) -> "LEcuyerCMRG":
        """Return the generator as ``set.seed(seed)`` leaves it."""
        words = []
        word = warmed_up(seed)
        for _ in range(6):
            word = step(word)
            while word >= M2:
                word = step(word)
            words.append(word)
        return cls((words[0], words[1], words[2]), (words[3], words[4], words[5]))

    @classmethod
    def restored(cls, words: NDArray[np.uint32]) -> "LEcuyerCMRG":
        """Return the generator whose ``.Random.seed[-1]`` is `words`, shape ``(6,)``."""
        if words.size != 6:
            raise ValueError(f"six words after the first; got {words.size}")
        a, b, c, d, e, f = words.tolist()
        for triple, modulus in (((a, b, c), M1), ((d, e, f), M2)):
            if max(triple) >= modulus or not any(triple):
                raise ValueError(f"three words below {modulus}, not all zero; got {triple}")
        return cls((a, b, c), (d, e, f))

    def words(self) -> NDArray[np.uint32]:
        """Return the two states, shape ``(6,)``."""
        return np.array(self._x + self._y, dtype=np.uint32)

    def jumped(self, log2: int) -> "LEcuyerCMRG":
        """Return the generator 2^`log2` steps ahead; this one stays where it is."""
        return LEcuyerCMRG(_apply(_jump(0, log2), self._x, M1), _apply(_jump(1, log2), self._y, M2))

    def uniforms(self, count: int) -> Floats:
        """Return the next `count` numbers of the open interval (0, 1)."""
        if count < FEW:
            return np.array([self._next() for _ in range(count)], dtype=np.float64)
        return self._lanes(count)

    def chunks(self, count: int) -> Chunks:
        """Return the top 16 bits of the next `count` numbers."""
        return (self.uniforms(count) * 65536.0).astype(np.uint16)

    def _next(self) -> float:
        x0, x1, x2 = self._x
        y0, y1, y2 = self._y
        x = (A12 * x1 - A13 * x0) % M1
        y = (A21 * y2 - A23 * y0) % M2
        self._x, self._y = (x1, x2, x), (y1, y2, y)
        return (x - y if x > y else x - y + M1) * SCALE

    def _lanes(self, count: int) -> Floats:
        """Return `count` numbers from lanes of 2^k steps, all lanes one step at a time."""
        log2 = (count.bit_length() - 1) // 2
        length, lanes = 1 << log2, -(-count >> log2)
        x = _lane_starts(0, self._x, log2, lanes)
        y = _lane_starts(1, self._y, log2, lanes)
        out = np.empty((length, lanes))
        for row in out:
            # Every product and difference stays below 2^53 and is exact.
            x_new = _reduced(A12 * x[1] - A13 * x[0], M1)
            y_new = _reduced(A21 * y[2] - A23 * y[0], M2)
            x, y = [x[1], x[2], x_new], [y[1], y[2], y_new]
            np.subtract(x_new, y_new, out=row)
            row[row <= 0.0] += M1
        out *= SCALE
        self._skip(count)
        return np.ascontiguousarray(out.T).reshape(-1)[:count]

    def _skip(self, count: int) -> None:
        for bit in range(count.bit_length()):
            if count >> bit & 1:
                ahead = self.jumped(bit)
                self._x, self._y = ahead._x, ahead._y


def _reduced(value: Floats, modulus: int) -> Floats:
    """Return `value` modulo `modulus`, for whole numbers within 2^53."""
    result: Floats = value - np.floor(value / modulus) * modulus
    return result


def _lane_starts(component: int, state: Triple, log2: int, lanes: int) -> list[Floats]:
    """Return the states 0, 1, 2, ... times 2^`log2` steps ahead, three arrays ``(lanes,)``."""
    modulus = np.uint64(ONE_STEP[component][1])
    starts = np.array(state, dtype=np.uint64)[:, None]
    while starts.shape[1] < lanes:  # twice as many each time
        matrix = np.array(_jump(component, log2), dtype=np.uint64)
        terms = matrix[:, :, None] * starts[None, :, :] % modulus  # 32 by 32 bits fit 64
        starts = np.concatenate([starts, terms.sum(axis=1) % modulus], axis=1)
        log2 += 1
    return list(starts[:, :lanes].astype(np.float64))
