"""What a worker does: refit a batch, and call the statistic on a chunk of it."""

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import local

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.chunks import Chunk
from pybootmlm.bootstrap.refit_data import refitter
from pybootmlm.bootstrap.warned import Filters, Listener
from pybootmlm.exceptions import StatisticError
from pybootmlm.execution.stopping import Stopped
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.refits.one_factor import Refits
from pybootmlm.lmm.refits.refit import Refit
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.statistic import Statistic, named_values
from pybootmlm.resampling.scheme import Plan

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Finished:
    """What one chunk gives; positions count within the chunk.

    An interrupted chunk holds the replicates before the interruption.

    Attributes
    ----------
    t : (B, k) array
        Statistics; rows of NaN where there are none.
    failures : dict
        Position to message.
    singular, not_converged : int
        How many refits have their optimum on the boundary; how many none that was confirmed.
    warnings : Counter of str
        In how many replicates the statistic gave each warning.
    refits : list of Refit
        The refits, where they were asked for.
    interrupted : bool
    """

    t: Array
    failures: dict[int, str]
    singular: int
    not_converged: int
    warnings: Counter[str]
    refits: list[Refit | None] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True)
class Replication:
    """The work of a bootstrap.

    Attributes
    ----------
    fit : LmerFit
    plan : Plan
    statistic : callable
    width : int
        Elements of the statistic.
    keep : bool
        Whether to keep the refits.
    options : NewtonOptions
        When the search of a refit stops.
    listener : Listener
    filters : sequence
        The caller's filters of warnings.
    """

    fit: LmerFit
    plan: Plan
    statistic: Statistic
    width: int
    keep: bool = False
    options: NewtonOptions = DEFAULT_OPTIONS
    listener: Listener = field(default_factory=Listener)
    filters: Filters = field(default_factory=lambda: list(warnings.filters))

    def prepared(self) -> Callable[[Chunk, Stopped], Finished]:
        """The function of a chunk."""
        refit, latest = refitter(self.fit, self.options), local()

        def refitted(chunk: Chunk) -> Refits:
            # A worker that is given one chunk of a batch is often given the next one too.
            if getattr(latest, "first", None) != chunk.first:
                latest.refits = refit(self.plan.apply(chunk.draws_of(self.plan)))
                latest.first = chunk.first
            found: Refits = latest.refits
            return found

        def run(chunk: Chunk, stopped: Stopped) -> Finished:
            with self.listener.installed(self.filters):
                return self._finished(refitted(chunk), chunk, stopped)

        return run

    def _finished(self, refits: Refits, chunk: Chunk, stopped: Stopped) -> Finished:
        start, size = chunk.start - chunk.first, chunk.stop - chunk.start
        t = np.full((size, self.width), np.nan)
        failures: dict[int, str] = {}
        kept: list[Refit | None] = []
        messages: Counter[str] = Counter()
        usable = np.isfinite(refits.sigma)
        done = 0
        try:
            for b in range(size):
                if stopped():
                    break
                one = Refit(refits, start + b)
                values, problem, said = self._of_one(one, bool(usable[start + b]))
                messages.update(said)
                if values is not None:
                    t[b] = values
                if problem is not None:
                    failures[b] = problem
                if self.keep:
                    kept.append(one if problem is None else None)
                done = b + 1
        except KeyboardInterrupt:
            # Raised here rather than passed on, it would take the finished ones with it.
            pass
        these = slice(start, start + done)
        return Finished(
            t=t[:done],
            failures={b: text for b, text in failures.items() if b < done},
            singular=int(refits.singular[these].sum()),
            not_converged=int((usable & ~refits.converged)[these].sum()),
            warnings=messages,
            refits=kept[:done],
            interrupted=done < size,
        )

    def _of_one(self, one: Refit, estimated: bool) -> tuple[Array | None, str | None, set[str]]:
        """Statistic, problem and warnings of one refit."""
        if not estimated and (problem := one.refits.problem_of(one.position)) is not None:
            return None, problem, set()
        with self.listener.heard() as said:
            try:
                return named_values(self.statistic, one, expected=self.width)[1], None, said
            except StatisticError as error:
                return None, str(error), said
