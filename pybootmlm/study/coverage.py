"""Run a study of coverage."""

import builtins
from collections.abc import Sequence
from contextlib import ExitStack
from os import PathLike
from typing import Any

import numpy as np

from pybootmlm.bootstrap.intervals.kinds import KINDS
from pybootmlm.checks import confidence_level, flag, is_integer, one_of, positive_integer
from pybootmlm.exceptions import ArgumentError
from pybootmlm.execution.checkpoint import Checkpoint
from pybootmlm.execution.progress import progress_bar
from pybootmlm.execution.workers import in_order, number_of_jobs, workers
from pybootmlm.resampling.scheme import Scheme
from pybootmlm.resampling.table import resolve
from pybootmlm.study.design import StudyDesign
from pybootmlm.study.recording import append, finished_in, identity_of
from pybootmlm.study.replication import (
    Coverage,
    Intervals,
    Problems,
    Settings,
    shape_of,
    tasks_of,
)
from pybootmlm.study.result import CoverageStudy

# Data sets that a worker is given at a time.
EACH = 5


def coverage_study(
    designs: Sequence[StudyDesign],
    *,
    datasets: int,
    seed: int,
    types: Sequence[str | Scheme] = ("parametric", "residual"),
    intervals: Sequence[str] = tuple(KINDS),
    nsim: int = 999,
    level: float = 0.95,
    reml: bool = True,
    n_jobs: int | None = None,
    checkpoint: str | PathLike[str] | None = None,
    progress: bool = False,
) -> CoverageStudy:
    """Find how often bootstrap intervals hold the truth, and how wide they are.

    For every design, `datasets` data sets are drawn and fitted; every fit is bootstrapped by every
    type; every bootstrap gives every kind of interval.

    Parameters
    ----------
    designs : sequence of Design
        Such as `design_grid` gives.
    datasets : int
        Data sets of each design.
    seed : int
        The same seed gives the same numbers, whoever computes them. A data set depends on the seed,
        its design and its number only.
    types : sequence of str or Scheme
        Types of bootstrap, as of `bootstrap_mer`.
    intervals : sequence of str
        Kinds of intervals, as of `boot_ci`.
    nsim : int
        Replicates of each bootstrap.
    level : float
        Nominal level.
    reml : bool
        Fit by REML or ML.
    n_jobs : int, optional
        Number of joblib's workers, which are processes; -1 for one a core. Without it, those of the
        active ``joblib.parallel_config`` (a Dask or Ray cluster, say), and one where there is none.
    checkpoint : path, optional
        A file in which finished data sets are kept. If the study is killed, the same call goes on
        where it stopped.
    progress : bool
        Show a progress bar.

    Returns
    -------
    CoverageStudy
        Its `frame` has coverage and width; `plot` shows them. Ctrl-C ends the study and gives what
        is finished.

    Raises
    ------
    ArgumentError
        An option has no meaning; the checkpoint is another study's, or in use.
    DataError
        The checkpoint is something else, or damaged.
    WorkerError
        A worker in another process ended.

    Notes
    -----
    A data set that cannot be fitted, or a bootstrap that gives no interval, is counted as failed
    and left out of the coverage; `CoverageStudy.problems` says why. Warnings about singular fits
    and about order statistics at the ends are not shown: they are what is studied.

    References
    ----------
    Morris, T. P., White, I. R. and Crowther, M. J. (2019). Using simulation studies to evaluate
    statistical methods. Statistics in Medicine 38, 2074-2102.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> designs = bm.design_grid(clusters=[10], size=[5], icc=[0.2], distribution=["normal", "t"])
    >>> study = bm.coverage_study(designs, datasets=4, nsim=49, intervals=["norm", "perc"], seed=1)
    >>> study.frame.shape
    (16, 19)
    """
    work = Coverage(
        _designs(designs),
        Settings(
            schemes=tuple(resolve(one) for one in _several(types, "types")),
            intervals=tuple(
                one_of(i, "intervals", tuple(KINDS)) for i in _several(intervals, "intervals")
            ),
            nsim=positive_integer(nsim, "nsim"),
            level=confidence_level(level),
            reml=flag(reml, "reml"),
            seed=_seed(seed),
        ),
    )
    datasets = positive_integer(datasets, "datasets")
    flag(progress, "progress")
    chosen = workers(number_of_jobs(n_jobs), "processes")
    shape = shape_of(work.designs[0], work.settings)
    limits = np.full((len(work.designs), datasets, *shape), np.nan)
    done = np.zeros((len(work.designs), datasets), bool)
    problems = Problems()

    def add(found: Intervals) -> None:
        these = slice(found.first, found.first + len(found.limits))
        limits[found.design, these], done[found.design, these] = found.limits, True
        problems.update(found.problems)

    with ExitStack() as open_files:
        file = None
        if checkpoint is not None:
            file = open_files.enter_context(Checkpoint(checkpoint, identity_of(work, datasets)))
            for found in finished_in(file, work, datasets):
                add(found)
        tasks = tasks_of(done.copy(), EACH)
        bar = open_files.enter_context(
            progress_bar(done.size, progress, "data set", int(done.sum()))
        )
        try:
            for found in in_order(work, tasks, chosen):
                if file is not None:
                    append(file, found)
                add(found)
                bar.update(len(found.limits))
                if found.interrupted:
                    break
        except KeyboardInterrupt:
            pass
    return CoverageStudy(
        designs=work.designs,
        bootstraps=tuple(scheme.name for scheme in work.settings.schemes),
        intervals=work.settings.intervals,
        estimands=tuple(work.designs[0].truth),
        limits=limits,
        done=done,
        problems=dict(problems),
        level=work.settings.level,
        nsim=work.settings.nsim,
        seed=work.settings.seed,
    )


def _several(values: Any, argument: str) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Sequence) or not len(values):
        raise ArgumentError(f"`{argument}` must be a list, of one or more; got {values!r}.")
    if len({repr(value) for value in values}) < len(values):
        raise ArgumentError(f"`{argument}` must not name one twice; got {values!r}.")
    return list(values)


def _designs(designs: Any) -> tuple[StudyDesign, ...]:
    found = tuple(_several(designs, "designs"))
    for one in found:
        if isinstance(one, builtins.type) or not callable(getattr(one, "data", None)):
            raise ArgumentError(f"`designs` must hold designs, such as `Design`; got {one!r}.")
        if list(one.truth) != list(found[0].truth) or list(one.factors) != list(found[0].factors):
            raise ArgumentError(
                "`designs` must have the same estimands and the same factors; "
                f"{one!r} has others than {found[0]!r}."
            )
    return found


def _seed(seed: Any) -> int:
    if not is_integer(seed) or seed < 0:
        raise ArgumentError(f"`seed` must be an integer from 0; got {seed!r}.")
    return int(seed)
