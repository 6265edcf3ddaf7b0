"""Bootstrap a fitted mixed model."""

import hashlib
from contextlib import ExitStack
from os import PathLike

import numpy as np

from pybootmlm.bootstrap.batch import Replication
from pybootmlm.bootstrap.chunks import SENT, in_batches
from pybootmlm.bootstrap.recording import SEED, InFile, InMemory, Record, identity_of, seed_in
from pybootmlm.bootstrap.replicate import replicate
from pybootmlm.bootstrap.result import BootResult
from pybootmlm.checks import flag, positive_integer
from pybootmlm.exceptions import ArgumentError
from pybootmlm.execution.checkpoint import Checkpoint
from pybootmlm.execution.workers import number_of_jobs, workers
from pybootmlm.inference.statistics import STATISTICS, resolve_statistic
from pybootmlm.lmm.fit import LmerFit, checked_fit
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.statistic import Statistic, named_values
from pybootmlm.resampling.scheme import Scheme
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import RandomState, as_source, describe


def bootstrap_mer(
    fit: LmerFit,
    statistic: Statistic | str,
    nsim: int = 1,
    type: str | Scheme = "parametric",  # noqa: A002 (bootmlm's name)
    *,
    corrected_trans: bool | None = None,
    lv1_resample: bool | None = None,
    reb_scale: bool | None = None,
    rng: RandomState | None = None,
    n_jobs: int | None = None,
    tolerance: float | None = None,
    chunk_size: int | None = None,
    checkpoint: str | PathLike[str] | None = None,
    progress: bool = False,
    keep_fits: bool = False,
) -> BootResult:
    """Bootstrap a statistic of a fitted mixed model, as bootmlm's ``bootstrap_mer``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    statistic : callable or str
        Takes a fit and returns a number, an array, a Series or a dict of numbers; or the name of
        one in `pybootmlm.statistics`. It is called with a light view of every refit, which answers
        like a fit.
    nsim : int
        Number of replicates.
    type : str or Scheme
        ``"parametric"``, ``"residual"``, ``"residual_cgr"``, ``"residual_trans"``, ``"reb"`` or
        ``"case"``; the last two for models with one grouping factor.
    corrected_trans : bool, optional
        For ``"residual_trans"``: decorrelate with the variance of the residuals, not of y.
    lv1_resample : bool, optional
        For ``"case"``: draw rows within the drawn clusters too.
    reb_scale : bool, optional
        For ``"reb"``: rescale and centre effects and residuals.
    rng : int, Generator or RStream, optional
        A seed gives every replicate a NumPy stream of its own. An `RStream` gives R's draws:
        ``rng=RStream(85957)`` has the replicates of ``set.seed(85957)``. Without one, the result
        cannot be repeated.
    n_jobs : int, optional
        Number of joblib's workers; -1 for one a core. Without it, those of the active
        ``joblib.parallel_config`` (a Dask or Ray cluster, say), and one where there is none.
        Ready-made statistics of models that are refitted in batches run in threads, all others in
        processes. The answer does not depend on any of this, to the last bit.
    tolerance : float, optional
        Newton decrement at which the search of a replicate stops: half its square is what the
        criterion could still fall. The default is that of `NewtonOptions`, 1e-7; 1e-3 leaves about
        5e-7, as lme4 does, and saves a third of the time where crossed effects are many.
    chunk_size : int, optional
        Replicates that a worker is given at a time, and that a checkpoint is given at a time; at
        most as many as are refitted together. The answer does not depend on it.
    checkpoint : path, optional
        A file in which finished replicates are kept. If the run is killed, the same call goes on
        where it stopped, and gives the same result to the last bit.
    progress : bool
        Show a progress bar; in a notebook, a widget.
    keep_fits : bool
        Keep the refits in the result. They stay in this process, whose threads then do the work.

    Returns
    -------
    BootResult
        The statistic on the fit (`t0`), its replicates (`t`), and what can be made of them. A
        refit that fails is a row of NaN with its message. Warnings of the statistic are counted
        and not shown. Ctrl-C ends the run and gives what is
        finished, marked as incomplete.

    Raises
    ------
    ArgumentError
        An option has no meaning, does not belong to the type, or the type not to the model; the
        checkpoint is another run's, or in use; the statistic cannot be sent to a process.
    DataError
        The checkpoint is something else, or damaged.
    StatisticError
        The statistic is not numeric, or fails on the fit itself or on every replicate.
    WorkerError
        A worker in another process ended.

    References
    ----------
    Van der Leeden, R., Meijer, E. and Busing, F. M. T. A. (2008). Resampling multilevel models. In
    Handbook of Multilevel Analysis, Springer, pp. 401-433. Carpenter, J. R., Goldstein, H. and
    Rasbash, J. (2003). Applied Statistics 52, 431-443. Chambers, R. and Chandra, H. (2013). Journal
    of Computational and Graphical Statistics 22, 452-470.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> boot = bm.bootstrap_mer(fit, "icc", 99, type="residual", rng=bm.RStream(85957))
    >>> boot.t.shape
    (99, 1)
    >>> boot.std_error.round(3).to_dict()
    {'icc': 0.181}
    """
    fit = checked_fit(fit)
    positive_integer(nsim, "nsim")
    jobs = number_of_jobs(n_jobs)
    if chunk_size is not None:
        positive_integer(chunk_size, "chunk_size")
    flag(progress, "progress")
    flag(keep_fits, "keep_fits")
    if keep_fits and checkpoint is not None:
        raise ArgumentError("`keep_fits` and `checkpoint` exclude each other: no file holds fits.")
    options = DEFAULT_OPTIONS if tolerance is None else NewtonOptions(tolerance=tolerance)
    function = resolve_statistic(statistic)
    scheme = resolve(
        type, corrected_trans=corrected_trans, lv1_resample=lv1_resample, reb_scale=reb_scale
    )
    names, t0 = named_values(function, fit)
    source = as_source(rng)
    work = Replication(fit, scheme.plan(fit), function, len(t0), keep_fits, options)
    quick = in_batches(fit) and function in STATISTICS.values()
    chosen = workers(jobs, "threads" if quick else "processes", sharing=keep_fits)
    # Small chunks serve who shares the work, watches it or may lose it.
    small = not quick and (chosen.parallel is not None or progress or checkpoint is not None)
    with ExitStack() as open_files:
        record: Record = InMemory()
        if checkpoint is not None:
            identity = identity_of(fit, scheme, function, names, t0, nsim, source)
            identity["tolerance"] = repr(options.tolerance)
            unseeded = (SEED,) if rng is None else ()
            file = open_files.enter_context(Checkpoint(checkpoint, identity, unseeded))
            record = InFile(file, len(t0))
            source = seed_in(file) if rng is None else source
        found = replicate(
            work,
            source,
            nsim,
            chunk_size=chunk_size or (SENT if small else None),
            workers=chosen,
            record=record,
            progress=progress,
        )
    return BootResult(
        t0=t0,
        t=found.t[: found.done],
        names=tuple(names),
        type=scheme.name,
        nsim=found.done,
        failures=found.failures,
        singular=found.singular,
        not_converged=found.not_converged,
        warnings=dict(found.warnings),
        formula=fit.formula,
        reml=fit.reml,
        origin=_origin(fit, scheme, [*names, *([] if tolerance is None else [repr(tolerance)])]),
        seed=describe(rng),
        complete=found.done == nsim,
        fit=fit,
        statistic=function,
        kept=tuple(found.kept) if keep_fits else None,
    )


def _origin(fit: LmerFit, scheme: Scheme, names: list[str]) -> str:
    """Digest of what two runs must share to be one: model, data, estimates, scheme, statistic."""
    digest = hashlib.sha256()
    for text in (fit.formula, str(fit.reml), repr(scheme), *names):
        digest.update(text.encode() + b"\0")
    for array in (fit.design.y, fit.design.X, fit.theta):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
