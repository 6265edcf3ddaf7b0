"""One BLAS thread for as long as work goes on.

Workers that each start a BLAS thread for every core get in each other's way; and the number of
threads changes the last bits of a product, so the same seed would not give the same numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any


class _Shared:
    """What the work under way in this process has in common: the first sets it, the last resets it.

    The setting is the process's, not a thread's: were each to set and reset it for itself, the one
    that ends first would take it from the others.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.users = 0
        self.limit: Any = None


_SHARED = _Shared()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread while the context lasts, in all threads of this process.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     print(np.ones((2, 2)) @ np.ones(2))
    [2. 2.]
    """
    with _SHARED.lock:
        if not _SHARED.users:
            _SHARED.limit = _controller().limit(limits=1, user_api="blas")
        _SHARED.users += 1
    try:
        yield
    finally:
        with _SHARED.lock:
            _SHARED.users -= 1
            if not _SHARED.users:
                _SHARED.limit.restore_original_limits()


@lru_cache(maxsize=1)
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # here, because few calls are long work

    return ThreadpoolController()
