"""Draw, resample, refit, and call the statistic, batch after batch."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Event

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.refit_data import Refitter, elements_each, refitter
from pybootmlm.bootstrap.threads import in_order
from pybootmlm.bootstrap.warned import Listener
from pybootmlm.exceptions import StatisticError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.refit import Refit
from pybootmlm.lmm.refits import batches
from pybootmlm.lmm.statistic import Statistic, named_values
from pybootmlm.resampling.scheme import Plan
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]


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


@dataclass(frozen=True)
class Batch:
    """What one batch gives; positions count within the batch.

    An interrupted batch holds the replicates before the interruption.
    """

    t: Array
    failures: dict[int, str]
    singular: int
    not_converged: int
    warnings: Counter[str]
    refits: list[Refit | None]
    interrupted: bool


def replicate(
    fit: LmerFit,
    plan: Plan,
    source: Source,
    statistic: Statistic,
    width: int,
    nsim: int,
    n_jobs: int,
    progress: bool,
    keep_fits: bool,
) -> Replicates:
    """Run `nsim` replicates of a statistic with `width` elements.

    An interruption from the keyboard ends the run early and keeps what is finished. The draws are
    taken in one place and in order, so neither `n_jobs` nor the size of the batches matters.

    Raises
    ------
    StatisticError
        No replicate succeeded; the message is the first one's.
    """
    out = Replicates(np.full((nsim, width), np.nan))
    refit = refitter(fit)
    counts = [len(part) for part in batches(nsim, elements_each(fit))]
    stop, listener = Event(), Listener()

    def run(draws: object) -> Batch:
        return _batch(plan, draws, refit, statistic, width, keep_fits, stop, listener)

    results = in_order(run, plan.draw(source, counts), n_jobs, stop)
    try:
        with listener.installed():
            for batch in _shown(results, counts, progress):
                _add(out, batch)
                if batch.interrupted:
                    break
    except KeyboardInterrupt:
        pass
    if out.done and len(out.failures) == out.done:
        raise StatisticError(f"No replicate succeeded. The first says: {out.failures[0]}")
    return out


def _batch(
    plan: Plan,
    draws: object,
    refit: Refitter,
    statistic: Statistic,
    width: int,
    keep: bool,
    stop: Event,
    listener: Listener,
) -> Batch:
    refits = refit(plan.apply(draws))
    t = np.full((len(refits), width), np.nan)
    failures: dict[int, str] = {}
    kept: list[Refit | None] = []
    warnings: Counter[str] = Counter()
    usable = np.isfinite(refits.sigma)
    done = 0
    try:
        for b, estimated in enumerate(usable.tolist()):
            if stop.is_set():
                break
            one = Refit(refits, b)
            problem = None if estimated else refits.problem_of(b)
            if problem is None:
                with listener.heard() as messages:
                    try:
                        t[b] = named_values(statistic, one, expected=width)[1]
                    except StatisticError as error:
                        problem = str(error)
                warnings.update(messages)
            if problem is not None:
                failures[b] = problem
            if keep:
                kept.append(one if problem is None else None)
            done = b + 1
    except KeyboardInterrupt:
        # Raised here rather than passed on, it would take the finished ones with it.
        pass
    first = slice(0, done)
    return Batch(
        t=t[first],
        failures={b: text for b, text in failures.items() if b < done},
        singular=int(refits.singular[first].sum()),
        not_converged=int((usable & ~refits.converged)[first].sum()),
        warnings=warnings,
        refits=kept[first],
        interrupted=done < len(refits),
    )


def _add(out: Replicates, batch: Batch) -> None:
    stop = out.done + len(batch.t)
    out.t[out.done : stop] = batch.t
    out.failures.update({out.done + b: text for b, text in batch.failures.items()})
    out.singular += batch.singular
    out.not_converged += batch.not_converged
    out.warnings += batch.warnings
    out.kept += batch.refits
    out.done = stop


def _shown(results: Iterable[Batch], counts: list[int], progress: bool) -> Iterator[Batch]:
    from tqdm.auto import tqdm  # here, because few calls show their progress

    with tqdm(total=sum(counts), disable=not progress, unit="replicate") as bar:
        for batch in results:
            bar.update(len(batch.t))
            yield batch
