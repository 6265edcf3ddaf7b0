"""Draw, resample, refit, and call the statistic, chunk after chunk."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.batch import Finished, Replication
from pybootmlm.bootstrap.chunks import batch_size, chunks
from pybootmlm.bootstrap.recording import InMemory, Record
from pybootmlm.exceptions import StatisticError
from pybootmlm.execution.progress import progress_bar
from pybootmlm.execution.workers import Workers, in_order
from pybootmlm.lmm.refits.refit import Refit
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]
ALONE, NOWHERE = Workers(), InMemory()


@dataclass
class Replicates:
    """Replicates so far.

    Attributes
    ----------
    t : (nsim, k) array
        Statistics; rows of NaN where there are none.
    done : int
        Replicates finished, counted from the first.
    failures : dict
        Replicate to message.
    singular, not_converged : int
        How many refits have their optimum on the boundary; how many none that was confirmed.
    warnings : Counter of str
        In how many replicates the statistic gave each warning.
    kept : list of Refit
        The refits, where they were asked for.
    """

    t: Array
    done: int = 0
    failures: dict[int, str] = field(default_factory=dict)
    singular: int = 0
    not_converged: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    kept: list[Refit | None] = field(default_factory=list)

    def add(self, chunk: Finished) -> None:
        """Add the replicates that come next."""
        stop = self.done + len(chunk.t)
        self.t[self.done : stop] = chunk.t
        self.failures.update({self.done + b: text for b, text in chunk.failures.items()})
        self.singular += chunk.singular
        self.not_converged += chunk.not_converged
        self.warnings += chunk.warnings
        self.kept += chunk.refits
        self.done = stop


def replicate(
    work: Replication,
    source: Source,
    nsim: int,
    *,
    chunk_size: int | None = None,
    workers: Workers = ALONE,
    record: Record = NOWHERE,
    progress: bool = False,
) -> Replicates:
    """Run `nsim` replicates.

    An interruption from the keyboard ends the run early and keeps what is finished. The draws are
    taken in order and batches are the same whoever computes them, so the workers do not matter.

    Parameters
    ----------
    work : Replication
    source : Source
        Of the random numbers.
    nsim : int
    chunk_size : int, optional
        Replicates that a worker is given at a time; by default a batch.
    workers : Workers
    record : Record
        Where finished chunks are kept. Those that are there are not run again.
    progress : bool
        Show a progress bar.

    Raises
    ------
    StatisticError
        No replicate succeeded; the message is the first one's.
    DataError
        The record has more replicates than the run.
    """
    out = Replicates(np.full((nsim, work.width), np.nan))
    for chunk in record.chunks():
        out.add(chunk)
    tasks = chunks(work.plan, source, nsim, batch_size(work.fit), chunk_size, out.done)
    try:
        with work.listener.installed(), progress_bar(nsim, progress, "replicate", out.done) as bar:
            for chunk in in_order(work, tasks, workers):
                record.append(chunk)
                out.add(chunk)
                bar.update(len(chunk.t))
                if chunk.interrupted:
                    break
    except KeyboardInterrupt:
        pass
    if out.done and len(out.failures) == out.done:
        raise StatisticError(f"No replicate succeeded. The first says: {out.failures[0]}")
    return out
