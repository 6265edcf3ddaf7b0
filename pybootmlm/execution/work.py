"""What workers are given: work that can be sent, and tasks of it."""

import pickle
import secrets
import signal
from collections import OrderedDict
from collections.abc import Callable
from multiprocessing import current_process
from threading import Lock, current_thread, main_thread
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.execution.one_thread import one_blas_thread
from pybootmlm.execution.stopping import Stopped, stopped_by

Task = TypeVar("Task", contravariant=True)
Result = TypeVar("Result", covariant=True)
# Work that a process keeps ready; more than one where a cluster serves several runs at a time.
KEPT = 2


class Work(Protocol[Task, Result]):
    """What every worker does with its tasks; it can be pickled."""

    def prepared(self) -> Callable[[Task, Stopped], Result]:
        """The function of a task. Called once a process; what is costly is made here.

        The function may be called in several threads. When the signal says so, it returns what it
        has.
        """


class Packed(Generic[Task, Result]):
    """Work as bytes, in an array: joblib shares large arrays among workers instead of copying them.

    Parameters
    ----------
    work : Work

    Raises
    ------
    ArgumentError
        The work holds what cannot be sent to another process.
    """

    def __init__(self, work: Work[Task, Result]) -> None:
        from joblib import wrap_non_picklable_objects  # here, because few calls have workers

        try:
            # Functions of a notebook and lambdas go with it.
            sent = pickle.dumps(wrap_non_picklable_objects(work, keep_wrapper=False))
        except Exception as error:  # whatever the user's objects raise
            raise ArgumentError(
                "`statistic` holds something that cannot be sent to other processes "
                f"({type(error).__name__}: {error}). Leave that out of it, or use threads: "
                "`with joblib.parallel_config(backend='threading'):` around the call."
            ) from error
        self.content: NDArray[np.uint8] = np.frombuffer(sent, dtype=np.uint8)
        # Of this run, not of the content: what prepared work remembers of its tasks is the run's.
        self.token = secrets.token_hex(16)


class _Ready:
    """Work that this process has unpacked."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.known: OrderedDict[str, Any] = OrderedDict()

    def __call__(self, token: str, content: NDArray[np.uint8]) -> Any:
        with self.lock:
            if token not in self.known:
                self.known[token] = pickle.loads(content.tobytes()).prepared()
            self.known.move_to_end(token)
            while len(self.known) > KEPT:
                self.known.popitem(last=False)
            return self.known[token]


_READY = _Ready()


def _leave_interrupts_to_the_caller() -> None:
    """Let a process of joblib's own ignore Ctrl-C.

    A terminal sends it to workers too, where it would end them with what they have. The caller
    hears it, and tells them to stop.
    """
    if current_process().name.startswith("Loky") and current_thread() is main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_this_process(content: NDArray[np.uint8], token: str, task: Any, path: str | None) -> Any:
    """Do a task of packed work; called in a worker."""
    _leave_interrupts_to_the_caller()
    with one_blas_thread():
        return _READY(token, content)(task, stopped_by(path))
