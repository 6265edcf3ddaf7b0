"""How workers learn that no more is wanted."""

import os
import tempfile
from collections.abc import Callable
from threading import Event

Stopped = Callable[[], bool]


class Stop:
    """A signal for threads and, where it has a file, for processes of this machine.

    The file is there while the work goes on. Workers whose caller has ended by an error stop too.

    Parameters
    ----------
    for_processes : bool
        Whether to keep a file.
    """

    def __init__(self, for_processes: bool = False) -> None:
        self._event = Event()
        self.path: str | None = None
        if for_processes:
            handle, self.path = tempfile.mkstemp(prefix="pybootmlm-at-work-")
            os.close(handle)

    def __call__(self) -> bool:
        """Whether they should stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Let the workers stop."""
        self._event.set()
        if self.path is not None and os.path.exists(self.path):
            os.unlink(self.path)


def stopped_by(path: str | None) -> Stopped:
    """The signal as a process sees it: that the file is gone. Without one, never."""
    return (lambda: False) if path is None else (lambda: not os.path.exists(path))
