"""Batches in threads, their results in order, and an orderly end when the user interrupts."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

Drawn = TypeVar("Drawn")
Result = TypeVar("Result")


def in_order(
    run: Callable[[Drawn], Result], draws: Iterable[Drawn], n_jobs: int, stop: Event
) -> Iterator[Result]:
    """Results of `run` on each of `draws`, in order, from `n_jobs` threads.

    `draws` is read in the caller's thread and not much further than the threads have come. When the
    user interrupts the wait, or wants no more results, `stop` is set: a `run` that heeds it returns
    what it has, and the results of what was under way still come.
    """
    if n_jobs == 1:
        yield from map(run, draws)
        return
    pool = ThreadPoolExecutor(n_jobs)
    pending: deque[Future[Result]] = deque()
    try:
        try:
            for drawn in draws:
                pending.append(pool.submit(run, drawn))
                if len(pending) > n_jobs:
                    yield _first(pending)
        except KeyboardInterrupt:
            stop.set()
        while pending:
            try:
                result = _first(pending)
            except KeyboardInterrupt:
                stop.set()
            else:
                yield result
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _first(pending: "deque[Future[Result]]") -> Result:
    # Taken off the queue only once it is there: an interrupted wait loses nothing.
    result = pending[0].result()
    pending.popleft()
    return result
