"""Where the random numbers of a bootstrap come from.

Three sources, one interface. An integer seed gives every replicate a NumPy stream of its own, so
that a replicate does not depend on how many others there are or who computes them. A NumPy
Generator is read replicate by replicate. An `RStream` is read in the order in which R's bootmlm
reads R's stream.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng import RStream

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
RandomState = int | np.random.Generator | RStream


class Source(Protocol):
    """Random numbers for one replicate after the other."""

    def indices(self, draws: Sequence[tuple[int, int]], count: int) -> list[Indices]:
        """For the next `count` replicates: each of `draws` (n, size), from 0, (count, size)."""

    def nested(self, sizes: Indices, count: int) -> list[tuple[Indices, list[Indices]]]:
        """For the next `count` replicates: clusters, then as many rows of each as it has."""

    def normals(
        self, sizes: tuple[int, int], counts: Iterable[int]
    ) -> Iterator[tuple[Array, Array]]:
        """Batches of `counts` replicates: two arrays of standard normals (count, size)."""


class NumpySource:
    """One NumPy stream a replicate, or one stream read replicate by replicate.

    Parameters
    ----------
    rng : int or Generator
    """

    def __init__(self, rng: int | np.random.Generator) -> None:
        self.rng = rng
        self.next = 0

    def _streams(self, count: int) -> Iterator[np.random.Generator]:
        first, self.next = self.next, self.next + count
        for replicate in range(first, first + count):
            if isinstance(self.rng, np.random.Generator):
                yield self.rng
            else:
                seed = np.random.SeedSequence(self.rng, spawn_key=(replicate,))
                yield np.random.Generator(np.random.PCG64(seed))

    def indices(self, draws: Sequence[tuple[int, int]], count: int) -> list[Indices]:
        """See `Source`."""
        out = [np.empty((count, size), np.intp) for _, size in draws]
        for row, stream in enumerate(self._streams(count)):
            for array, (n, size) in zip(out, draws, strict=True):
                array[row] = stream.integers(0, n, size)
        return out

    def nested(self, sizes: Indices, count: int) -> list[tuple[Indices, list[Indices]]]:
        """See `Source`."""
        out = []
        for stream in self._streams(count):
            clusters = stream.integers(0, len(sizes), len(sizes))
            rows = [stream.integers(0, sizes[c], sizes[c]) for c in clusters]
            out.append((clusters, rows))
        return out

    def normals(
        self, sizes: tuple[int, int], counts: Iterable[int]
    ) -> Iterator[tuple[Array, Array]]:
        """See `Source`."""
        for count in counts:
            one, other = np.empty((count, sizes[0])), np.empty((count, sizes[1]))
            for row, stream in enumerate(self._streams(count)):
                one[row] = stream.standard_normal(sizes[0])
                other[row] = stream.standard_normal(sizes[1])
            yield one, other


class RSource:
    """R's stream, read in R's order.

    Parameters
    ----------
    stream : RStream
    """

    def __init__(self, stream: RStream) -> None:
        self.stream = stream

    def indices(self, draws: Sequence[tuple[int, int]], count: int) -> list[Indices]:
        """See `Source`."""
        drawn = self.stream.sample_index_many(draws, count, dtype=np.intp)
        return [np.asarray(array, dtype=np.intp) for array in drawn]

    def nested(self, sizes: Indices, count: int) -> list[tuple[Indices, list[Indices]]]:
        """See `Source`."""
        out = []
        for _ in range(count):
            clusters = self.stream.sample_index(len(sizes), len(sizes), replace=True)
            draws = [(int(sizes[c]), int(sizes[c])) for c in clusters]
            rows = [array[0] for array in self.stream.sample_index_many(draws, 1)]
            out.append((clusters, rows))
        return out

    def normals(
        self, sizes: tuple[int, int], counts: Iterable[int]
    ) -> Iterator[tuple[Array, Array]]:
        """See `Source`; R draws the first kind for all replicates before the second for any."""
        listed = list(counts)
        first = self.stream.rnorm(sizes[0] * sum(listed)).reshape(sum(listed), sizes[0])
        at = 0
        for count in listed:
            second = self.stream.rnorm(sizes[1] * count).reshape(count, sizes[1])
            yield first[at : at + count], second
            at += count


def as_source(rng: RandomState | None) -> Source:
    """A source from what a user may pass as `rng`; None means a fresh, unpredictable seed."""
    if isinstance(rng, RStream):
        return RSource(rng)
    if rng is None:
        return NumpySource(int(np.random.SeedSequence().generate_state(1)[0]))
    if isinstance(rng, np.random.Generator):
        return NumpySource(rng)
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return NumpySource(int(rng))
    raise ArgumentError(
        "`rng` must be a seed (an integer from 0), a NumPy Generator, or an RStream for R's random "
        f"numbers; got {rng!r}."
    )


def describe(rng: RandomState | None) -> str:
    """What a reader of the result should know of where its random numbers came from."""
    if isinstance(rng, RStream):
        return f"R's stream ({rng.kind}, {rng.normal_kind}, {rng.sample_kind})"
    if isinstance(rng, np.random.Generator):
        return "a NumPy Generator"
    return "an unknown seed" if rng is None else f"seed {int(rng)}, one NumPy stream a replicate"
