"""Uniforms one at a time, for algorithms that reject and so cannot say how many they need.

Reading number by number from the generator is slow, and reading ahead is wrong: the state would
run ahead of R's. Since each deviate takes at least one uniform, as many as there are deviates
still to come can be read at once, and never one too many.
"""

from collections.abc import Iterator

from pybootmlm.rng.inversion import TWO27, normal_quantile_of
from pybootmlm.rng.source import Source

BLOCK = 1 << 14


class Tap:
    """Uniforms of `source` for the `count` deviates that are to be drawn.

    Examples
    --------
    >>> from pybootmlm.rng.mersenne import MersenneTwister
    >>> tap = Tap(MersenneTwister.seeded(85957), count=1)
    >>> tap.begin()
    >>> tap.uniform()
    0.5864760538097471
    """

    def __init__(self, source: Source, count: int) -> None:
        self._source = source
        self._to_come = count
        self._ready: Iterator[float] = iter(())

    def begin(self) -> None:
        """Say that the next deviate is being drawn."""
        self._to_come -= 1

    def uniform(self) -> float:
        """Return the next uniform."""
        for u in self._ready:
            return u
        self._ready = iter(self._source.uniforms(min(self._to_come + 1, BLOCK)).tolist())
        return next(self._ready)

    def normal(self) -> float:
        """Return the next standard normal deviate, by inversion of two uniforms."""
        high = float(int(TWO27 * self.uniform()))
        return normal_quantile_of((high + self.uniform()) / TWO27)
