"""Tasks done by joblib's workers, their results in order, and an orderly end on Ctrl-C."""

import queue
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from threading import Thread
from typing import Any, Literal, TypeVar

from pybootmlm.checks import is_integer
from pybootmlm.exceptions import ArgumentError, PybootmlmError, WorkerError
from pybootmlm.execution.one_thread import one_blas_thread
from pybootmlm.execution.stopping import Stop
from pybootmlm.execution.work import Packed, Work, in_this_process

Task = TypeVar("Task")
Result = TypeVar("Result")
# Where tasks are sent in waves, how many a worker.
WAVE = 2
# Backends of joblib whose workers are processes of this machine.
LOCAL_PROCESSES = ("LokyBackend", "MultiprocessingBackend")


def number_of_jobs(value: Any) -> int | None:
    """Return `value` if joblib knows such a number of workers.

    Examples
    --------
    >>> number_of_jobs(-1), number_of_jobs(None)
    (-1, None)
    """
    if value is None:
        return None
    if not is_integer(value) or value == 0:
        raise ArgumentError(
            "`n_jobs` must be a number of workers, -1 for one a core, or None for those of the "
            f"active joblib.parallel_config; got {value!r}."
        )
    return int(value)


@dataclass(frozen=True)
class Workers:
    """Who does the work.

    Attributes
    ----------
    parallel : joblib.Parallel or None
        None: the caller itself.
    threads : bool
        Whether they share the caller's memory.
    local : bool
        Whether they are on this machine.
    wave : int
        Tasks that are sent together and waited for; 0 where results come as they are ready.
    """

    parallel: Any = None
    threads: bool = True
    local: bool = True
    wave: int = 0


def workers(
    n_jobs: int | None, prefer: Literal["threads", "processes"], sharing: bool = False
) -> Workers:
    """The workers that `n_jobs` and the active joblib backend mean.

    Parameters
    ----------
    n_jobs : int or None
        As joblib's; None takes that of the active ``joblib.parallel_config``, and is 1 without one.
    prefer : {"threads", "processes"}
        Which kind, where no backend is active.
    sharing : bool
        Whether results must stay in this process's memory, whatever backend is active.
    """
    # No configuration is active in a process that never loaded joblib, which takes a while.
    if n_jobs == 1 or (n_jobs is None and "joblib" not in sys.modules):
        return Workers()
    import joblib  # here and below, because few calls have workers
    from joblib.parallel import get_active_backend

    hints: dict[str, Any] = {"require": "sharedmem"} if sharing else {"prefer": prefer}
    backend, configured = get_active_backend(**hints)
    asked = n_jobs if n_jobs is not None else configured
    if asked is None:
        asked = backend.default_n_jobs
    if asked == 1 or type(backend).__name__ == "SequentialBackend":
        return Workers()
    streams = bool(getattr(backend, "supports_return_generator", False))
    parallel = joblib.Parallel(
        n_jobs=asked,
        return_as="generator" if streams else "list",
        batch_size=1,  # a task is large enough to be sent alone
        **hints,
    )
    threads = bool(getattr(backend, "supports_sharedmem", False))
    local = threads or type(backend).__name__ in LOCAL_PROCESSES
    # Ray's backend gives results when all are there.
    wave = 0 if streams else WAVE * max(1, backend.effective_n_jobs(asked))
    return Workers(parallel, threads, local, wave)


def in_order(work: Work[Task, Result], tasks: Iterable[Task], chosen: Workers) -> Iterator[Result]:
    """Results of `work` on each of `tasks`, in order.

    `tasks` is not read much further than the workers have come. When the user interrupts the wait,
    the workers are told to stop; the results of what was under way still come, but for workers on
    other machines, which cannot be told. A second interruption ends the wait.
    """
    if chosen.parallel is None:
        run, stop = work.prepared(), Stop()
        with one_blas_thread():
            for task in tasks:
                yield run(task, stop)
        return
    stop = Stop(for_processes=chosen.local and not chosen.threads)
    try:
        # In this process one thread for the first to come is one for all.
        with one_blas_thread():
            yield from _gathered(_caller(work, chosen, stop), tasks, chosen, stop)
    finally:
        stop.set()


def _caller(work: Work[Task, Result], chosen: Workers, stop: Stop) -> Callable[[Task], Any]:
    """What turns a task into a call that joblib can take."""
    from joblib import delayed

    if chosen.threads:
        run = work.prepared()
        return lambda task: delayed(run)(task, stop)
    packed, path = Packed(work), stop.path
    return lambda task: delayed(in_this_process)(packed.content, packed.token, task, path)


def _of_worker(error: BaseException, chosen: Workers) -> BaseException:
    """An error as the caller should see it: what threads raise, and our own, as it is."""
    if chosen.threads or isinstance(error, PybootmlmError):
        return error
    said = (str(error).splitlines() or [""])[0].removesuffix(".")
    found = WorkerError(
        f"A worker ended, or could not do its task ({type(error).__name__}: {said}). See to its "
        "memory and that it has the same pybootmlm; with a `checkpoint` what is finished is kept, "
        "and the same call goes on."
    )
    found.__cause__ = error
    return found


def _waves(calls: Iterator[Any], chosen: Workers) -> Iterator[Any]:
    """Results of calls that are sent some at a time, to the same workers."""
    with chosen.parallel:
        while sent := list(islice(calls, chosen.wave)):
            yield from chosen.parallel(sent)


def _gathered(
    call: Callable[[Task], Any], tasks: Iterable[Task], chosen: Workers, stop: Stop
) -> Iterator[Any]:
    """Results, gathered in a thread of their own: no Ctrl-C reaches joblib, which would drop them.

    Python interrupts its main thread only.
    """
    found: queue.Queue[tuple[str, Any]] = queue.Queue()

    def calls() -> Iterator[Any]:
        for task in tasks:
            if stop():
                return
            yield call(task)

    def gather() -> None:
        waiting = calls()
        try:
            for result in _waves(waiting, chosen) if chosen.wave else chosen.parallel(waiting):
                found.put(("result", result))
        except BaseException as error:
            found.put(("error", error))
        else:
            found.put(("end", None))

    thread = Thread(target=gather, name="pybootmlm-gather", daemon=True)
    thread.start()
    interrupted = abandoned = False
    try:
        while not abandoned:
            try:
                what, value = found.get(timeout=0.5)  # Windows interrupts no endless wait
            except queue.Empty:
                continue
            except KeyboardInterrupt:
                stop.set()
                abandoned = interrupted or not chosen.local
                interrupted = True
                continue
            if what == "result":
                yield value
            elif what == "error" and not interrupted:
                raise _of_worker(value, chosen)
            else:
                return
        while True:
            what, value = found.get_nowait()
            if what != "result":
                return
            yield value
    except queue.Empty:
        pass
    finally:
        stop.set()
        if chosen.local and not abandoned:
            with suppress(KeyboardInterrupt):
                thread.join()
