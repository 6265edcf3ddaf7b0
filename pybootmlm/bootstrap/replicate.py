"""Draw, resample, refit, and call the statistic, batch after batch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm.auto import tqdm

from pybootmlm.bootstrap.refit_data import Refitter, elements_each, refitter
from pybootmlm.exceptions import StatisticError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.refits import Refit, batches
from pybootmlm.lmm.statistic import Statistic, named_values
from pybootmlm.resampling.scheme import Plan
from pybootmlm.resampling.sources import Source

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
    kept : list of Refit
        The refits, where they were asked for.
    """

    t: Array
    done: int = 0
    failures: dict[int, str] = field(default_factory=dict)
    singular: int = 0
    not_converged: int = 0
    kept: list[Refit | None] = field(default_factory=list)


@dataclass(frozen=True)
class Batch:
    """What one batch gives; positions count within the batch."""

    t: Array
    failures: dict[int, str]
    singular: int
    not_converged: int
    refits: list[Refit | None]


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
    work = (
        delayed(_batch)(plan, draws, refit, statistic, width, keep_fits)
        for draws in plan.draw(source, counts)
    )
    results: Iterable[Batch] = Parallel(n_jobs, backend="threading", return_as="generator")(work)
    try:
        for batch in _shown(results, counts, progress):
            _add(out, batch)
    except KeyboardInterrupt:
        pass
    if out.done and len(out.failures) == out.done:
        raise StatisticError(f"No replicate succeeded. The first says: {out.failures[0]}")
    return out


def _batch(
    plan: Plan, draws: object, refit: Refitter, statistic: Statistic, width: int, keep: bool
) -> Batch:
    refits = refit(plan.apply(draws))
    t = np.full((len(refits), width), np.nan)
    failures: dict[int, str] = {}
    kept: list[Refit | None] = []
    usable = np.isfinite(refits.sigma).tolist()
    for b in range(len(refits)):
        one = Refit(refits, b)
        problem = None if usable[b] else refits.problem_of(b)
        if problem is None:
            try:
                t[b] = named_values(statistic, one, expected=width)[1]
            except StatisticError as error:
                problem = str(error)
        if problem is not None:
            failures[b] = problem
        if keep:
            kept.append(one if problem is None else None)
    without = int(np.isnan(refits.sigma).sum())
    missed = int((~refits.converged).sum()) - without
    return Batch(t, failures, int(refits.singular.sum()), missed, kept)


def _add(out: Replicates, batch: Batch) -> None:
    stop = out.done + len(batch.t)
    out.t[out.done : stop] = batch.t
    out.failures.update({out.done + b: text for b, text in batch.failures.items()})
    out.singular += batch.singular
    out.not_converged += batch.not_converged
    out.kept += batch.refits
    out.done = stop


def _shown(results: Iterable[Batch], counts: list[int], progress: bool) -> Iterator[Batch]:
    with tqdm(total=sum(counts), disable=not progress, unit="replicate") as bar:
        for batch in results:
            bar.update(len(batch.t))
            yield batch
