"""Mersenne-Twister, R's default generator, on NumPy's bit generator.

NumPy and R run the same recurrence; they differ only in how they seed it and in how a word
becomes a number.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pybootmlm.rng.scrambling import scrambled_words
from pybootmlm.rng.source import HALF_STEP, Chunks, Floats, Source

KEY_LENGTH = 624
# R scales by 2^-32, not by 1 / (2^32 - 1): the difference is below 1e-9 and in every draw.
SCALE = 2.0**-32


class MersenneTwister(Source):
    """MT19937 [1]_ as R seeds and scales it.

    References
    ----------
    .. [1] Matsumoto, M. and Nishimura, T. (1998). Mersenne Twister: a 623-dimensionally
       equidistributed uniform pseudo-random number generator. ACM Transactions on Modeling and
       Computer Simulation 8, 3-30.

    Examples
    --------
    >>> MersenneTwister.seeded(85957).uniforms(3).tolist()
    [0.5864760538097471, 0.7213413147255778, 0.042766975006088614]
    """

    name: ClassVar[str] = "Mersenne-Twister"
    code: ClassVar[int] = 3

    def __init__(self, key: NDArray[np.uint32], position: int) -> None:
        self._bits = np.random.MT19937(0)
        self._bits.state = {
            "bit_generator": "MT19937",
            "state": {"key": key, "pos": position},
        }

    @classmethod
    def seeded(cls, seed: int) -> "MersenneTwister":
        """Return the generator as ``set.seed(seed)`` leaves it."""
        # The first word is the place of the position, which R then sets to "all used up".
        return cls(scrambled_words(seed, KEY_LENGTH + 1)[1:], KEY_LENGTH)

    @classmethod
    def restored(cls, words: NDArray[np.uint32]) -> "MersenneTwister":
        """Return the generator whose ``.Random.seed[-1]`` is `words`: position, then key."""
        if words.size != KEY_LENGTH + 1:
            raise ValueError(f"{KEY_LENGTH + 1} words after the first; got {words.size}")
        position = int(words[0].astype(np.int32))
        if position > KEY_LENGTH:
            raise ValueError(f"a position (second number) up to {KEY_LENGTH}; got {position}")
        if not words[1:].any():
            raise ValueError("a key (third number and on) that is not all zero; got zeros only")
        return cls(words[1:], position if position > 0 else KEY_LENGTH)

    def words(self) -> NDArray[np.uint32]:
        """Return the position and the key, shape ``(625,)``."""
        state = self._bits.state["state"]
        return np.concatenate([[state["pos"]], state["key"]]).astype(np.uint32)

    def _raw(self, count: int) -> NDArray[np.uint64]:
        raw: NDArray[np.uint64] = self._bits.random_raw(count)
        return raw

    def uniforms(self, count: int) -> Floats:
        """Return the next `count` numbers of the open interval (0, 1)."""
        u = np.multiply(self._raw(count), SCALE, dtype=np.float64)
        np.maximum(u, HALF_STEP, out=u)  # touches nothing but an exact 0
        return u

    def chunks(self, count: int) -> Chunks:
        """Return the top 16 bits of the next `count` words."""
        return (self._raw(count) >> np.uint64(16)).astype(np.uint16)
