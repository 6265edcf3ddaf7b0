"""What a generator must offer so that everything else can be built on it.

A `Source` produces *exactly* as many numbers as it is asked for. Nothing is read ahead and given
back, so its state is at every moment the state that R would have. The algorithms above it are
written to match: they never ask for a number that R would not have drawn.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Chunks = NDArray[np.uint16]

# R moves a uniform that is exactly 0 or 1 inside the interval by half of 1 / (2^32 - 1).
HALF_STEP = 0.5 * 2.328306437080797e-10


class Source(ABC):
    """A uniform generator of R: a state, and numbers from it."""

    name: ClassVar[str]
    """R's name of the generator, as `RNGkind` prints it."""
    code: ClassVar[int]
    """R's number of the generator: the last two digits of ``.Random.seed[1]``."""

    @classmethod
    @abstractmethod
    def seeded(cls, seed: int) -> "Source":
        """Return the generator as ``set.seed(seed)`` leaves it."""

    @classmethod
    @abstractmethod
    def restored(cls, words: NDArray[np.uint32]) -> "Source":
        """Return the generator whose ``.Random.seed[-1]`` is `words`, read as unsigned."""

    @abstractmethod
    def words(self) -> NDArray[np.uint32]:
        """Return ``.Random.seed[-1]``, read as unsigned."""

    @abstractmethod
    def uniforms(self, count: int) -> Floats:
        """Return the next `count` numbers of the open interval (0, 1)."""

    @abstractmethod
    def chunks(self, count: int) -> Chunks:
        """Return the top 16 bits, ``floor(65536 u)``, of the next `count` uniforms."""


def by_name(name: str, sources: Sequence[type[Source]]) -> type[Source] | None:
    """Return the generator that R calls `name`."""
    return next((source for source in sources if source.name == name), None)


def by_code(code: int, sources: Sequence[type[Source]]) -> type[Source] | None:
    """Return the generator that R numbers `code`."""
    return next((source for source in sources if source.code == code), None)
