"""How a bootstrap is divided: batches are computed together, chunks of them are sent together.

The sums of a batch are BLAS's, whose last bits depend on how many replicates there are. So what
a batch is follows from the model alone, and not from the workers or the chunks: a worker that has
only a part of a batch to do refits all of it, which costs little, and calls the statistic, which
may cost much, on its part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pybootmlm.bootstrap.refit_data import elements_each
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.refits.one_factor import batches
from pybootmlm.resampling.scheme import Plan
from pybootmlm.rng.draws import NumpySource, Source

# Beyond this nothing is gained by computing more replicates together; a quarter as many cost a
# third more where clusters are few.
TOGETHER = 2048
# Models with several factors and many random effects are refitted one after the other.
FEW = 8
# What a worker process is sent of a statistic in Python.
SENT = 32


@dataclass(frozen=True)
class Chunk:
    """Replicates of one batch.

    Attributes
    ----------
    first, size : int
        The batch: its first replicate, counted from 0, and how many it has.
    start, stop : int
        The replicates of this chunk, counted from the first of the bootstrap.
    draws : object or None
        The draws of the batch; None where the worker makes them from `seed`.
    seed : int or None
        The seed of a bootstrap whose replicates have streams of their own.
    """

    first: int
    size: int
    start: int
    stop: int
    draws: Any = None
    seed: int | None = None

    def draws_of(self, plan: Plan) -> Any:
        """The draws of the batch."""
        if self.seed is None:
            return self.draws
        source = NumpySource(self.seed)
        source.next = self.first
        return next(iter(plan.draw(source, [self.size])))


def in_batches(fit: LmerFit) -> bool:
    """Whether the refits of a batch take their steps together."""
    return fit.model.problem.dear is None


def batch_size(fit: LmerFit) -> int:
    """Replicates that are computed together."""
    most = TOGETHER if in_batches(fit) else FEW
    return len(next(batches(most, elements_each(fit))))


def chunks(
    plan: Plan, source: Source, nsim: int, batch: int, chunk: int | None, done: int = 0
) -> Iterator[Chunk]:
    """Chunks of at most `chunk` replicates, from replicate `done` on.

    All draws before are taken, so that the stream is where it would be.
    """
    starts = range(0, nsim, batch)
    sizes = [min(batch, nsim - first) for first in starts]
    each = chunk or batch
    for first, size, (draws, seed) in zip(starts, sizes, _drawn(plan, source, sizes), strict=True):
        for start in range(max(first, done), first + size, each):
            yield Chunk(first, size, start, min(start + each, first + size), draws, seed)


def _drawn(plan: Plan, source: Source, sizes: Iterable[int]) -> Iterator[tuple[Any, int | None]]:
    if isinstance(source, NumpySource) and not isinstance(source.rng, np.random.Generator):
        yield from ((None, source.rng) for _ in sizes)
    else:
        yield from ((draws, None) for draws in plan.draw(source, sizes))
