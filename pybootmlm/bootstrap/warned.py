"""Warnings that a statistic gives in its replicates: counted, where they would be shown."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Lock, local
from typing import Any, TextIO

# Python's own list, one entry a filter.
Filters = Sequence[Any]


class Listener:
    """Hears the warnings of replicates that run in several threads.

    Python has one list of filters and one function that shows warnings for all threads, so both
    are changed once, by the first of those who work at a time, in `installed`, and put back by the
    last; each thread hears its own warnings, in `heard`. Sent to another process, a listener is
    the one of that process.
    """

    def __init__(self) -> None:
        self._thread = local()
        self._lock = Lock()
        self._users = 0
        self._changed = ExitStack()

    def __reduce__(self) -> "tuple[Callable[[], Listener], tuple[()]]":
        return of_this_process, ()

    @contextmanager
    def installed(self, filters: Filters | None = None) -> Iterator[None]:
        """Hear instead of show, for as long as the context lasts.

        The user's filters hold: what they ignore is not heard, what they make an error is raised.
        In another process `filters` are those of the caller.
        """
        with self._lock:
            if not self._users:
                self._changed.enter_context(self._hearing(filters))
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._changed.close()

    @contextmanager
    def _hearing(self, filters: Filters | None) -> Iterator[None]:
        with warnings.catch_warnings():
            if filters is not None:
                warnings.resetwarnings()
                warnings.filters[:] = filters  # type: ignore[index]
            # Unless a filter says otherwise a warning counts every time, not once a place.
            warnings.simplefilter("always", append=True)
            show = warnings.showwarning

            def hear(
                message: Warning | str,
                category: type[Warning],
                filename: str,
                lineno: int,
                file: TextIO | None = None,
                line: str | None = None,
            ) -> None:
                messages = getattr(self._thread, "messages", None)
                if messages is None:
                    show(message, category, filename, lineno, file, line)
                else:
                    messages.add(f"{category.__name__}: {message}")

            warnings.showwarning = hear
            yield

    @contextmanager
    def heard(self) -> Iterator[set[str]]:
        """The messages that this thread gives while the context lasts, each once."""
        messages: set[str] = set()
        self._thread.messages = messages
        try:
            yield messages
        finally:
            self._thread.messages = None


_OF_THIS_PROCESS = Listener()


def of_this_process() -> Listener:
    """The listener of all work that other processes send here."""
    return _OF_THIS_PROCESS
