"""Models that do not fit into memory are refused, rather than the process ended."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pybootmlm.exceptions import PybootmlmError, TooLargeError

# Matrices of the order of the dense part that are held at a time.
DENSE_MATRICES = 6


@contextmanager
def said_in_time(what: str) -> Iterator[None]:
    """Turn a MemoryError into ours, which names `what` was too large.

    Examples
    --------
    >>> with said_in_time("the model 'y ~ (1 | g)'"):
    ...     raise MemoryError("Unable to allocate 8.00 GiB")
    Traceback (most recent call last):
        ...
    pybootmlm.exceptions.TooLargeError: There is not enough memory for the model 'y ~ (1 | g)': ...
    """
    try:
        yield
    except PybootmlmError:
        raise
    except MemoryError as error:
        detail = str(error) or "an allocation failed"
        raise TooLargeError(
            f"There is not enough memory for {what}: {detail}. Use fewer rows or columns, or more "
            "memory."
        ) from error


def check_dense(effects: int) -> None:
    """Refuse crossed random effects whose dense matrices would not fit into the machine.

    Elsewhere than on POSIX systems nothing is known of its memory, and nothing refused.

    Raises
    ------
    TooLargeError
    """
    needed = DENSE_MATRICES * 8.0 * effects**2
    there = _physical_memory()
    if there is not None and needed > there:
        raise TooLargeError(
            f"The grouping factors are crossed, and {effects:,} random effects are left when the "
            f"largest set of nested factors is eliminated. They need dense matrices of "
            f"{needed / 2**30:,.0f} GB; this machine has {there / 2**30:,.0f} GB. Leave out a "
            "factor, or fit parts of the data."
        )


def _physical_memory() -> float | None:
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
