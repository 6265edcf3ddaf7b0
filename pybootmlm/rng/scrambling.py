"""R's way from one seed to the many words of a generator's state.

A linear congruential generator modulo 2^32 is started at the seed, run 50 steps to separate
neighbouring seeds, and then read off word by word.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MULTIPLIER = 69069
WARM_UP = 50
MODULUS = 2**32


def step(x: int) -> int:
    """Return the successor of `x`."""
    return (MULTIPLIER * x + 1) % MODULUS


def warmed_up(seed: int) -> int:
    """Return what `seed` (any sign; taken modulo 2^32) has become after the 50 steps."""
    x = seed % MODULUS
    for _ in range(WARM_UP):
        x = step(x)
    return x


@lru_cache(maxsize=4)
def _affine(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the slopes and intercepts of 1, ..., `count` steps, each taken at once."""
    slope, intercept = 1, 0
    slopes, intercepts = np.empty(count, np.uint32), np.empty(count, np.uint32)
    for k in range(count):
        slope, intercept = slope * MULTIPLIER % MODULUS, step(intercept)
        slopes[k], intercepts[k] = slope, intercept
    return slopes, intercepts


def scrambled_words(seed: int, count: int) -> NDArray[np.uint32]:
    """Return the `count` words that R derives from `seed`, shape ``(count,)``.

    Examples
    --------
    >>> scrambled_words(85957, 3).astype("int32").tolist()
    [-58172176, -2099602383, 2133758014]
    """
    slopes, intercepts = _affine(count)
    words: NDArray[np.uint32] = slopes * np.uint32(warmed_up(seed)) + intercepts  # modulo 2^32
    return words
