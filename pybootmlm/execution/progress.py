"""A bar that shows how far a run has come: in a notebook a widget, elsewhere on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress_bar(total: int, shown: bool, unit: str, done: int = 0) -> Iterator[Any]:
    """A bar of `total` units, `done` of which are done already; its `update` takes a number.

    Examples
    --------
    >>> with progress_bar(10, shown=False, unit="replicate") as bar:
    ...     _ = bar.update(10)
    """
    from tqdm.auto import tqdm  # here, because few calls show their progress

    with tqdm(total=total, initial=done, disable=not shown, unit=unit) as bar:
        yield bar
