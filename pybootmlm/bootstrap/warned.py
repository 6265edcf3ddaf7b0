"""Warnings that a statistic gives in its replicates: counted, where they would be shown."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import TextIO


class Listener:
    """Hears the warnings of replicates that run in several threads.

    Python has one list of filters and one function that shows warnings for all threads, so both
    are changed once for a run, in `installed`, and each thread hears its own, in `heard`.
    """

    def __init__(self) -> None:
        self._thread = local()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Hear instead of show, for as long as the context lasts.

        The user's filters hold: what they ignore is not heard, what they make an error is raised.
        """
        with warnings.catch_warnings():
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
