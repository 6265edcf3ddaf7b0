"""An implementation in a process of its own: what it breaks is its own, and it has a time limit."""

import multiprocessing
import warnings
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Model
from parity.errors import (
    ImplementationError,
    LibraryError,
    NotProvidedError,
    OwnOptimumError,
)
from parity.implementations.worker import Reply, serve
from parity.values import Value

Array = NDArray[np.float64]
_START_SECONDS = 120.0
_ERRORS = {
    "own optimum": OwnOptimumError,
    "not provided": NotProvidedError,
    "implementation": ImplementationError,
}


class LibraryWarning(UserWarning):
    """What a library warned of in its process."""


@dataclass
class _Held:
    """The process, apart from who asks it, so that it can be ended when nobody does."""

    process: BaseProcess | None = None
    connection: Connection | None = None
    born: int = 0

    def end(self) -> None:
        process, self.process = self.process, None
        if self.connection is not None:
            self.connection.close()
        if process is not None and process.is_alive():
            process.kill()
            process.join()


class Isolated:
    """An implementation that runs in a child process.

    Parameters
    ----------
    spec
        As `implementation_of` takes it.
    timeout
        Seconds that one fit or one quantity may take.

    Raises
    ------
    ImplementationError
        If it cannot be loaded.
    """

    def __init__(self, spec: str, timeout: float = 120.0) -> None:
        self._spec, self._timeout = spec, timeout
        self._fits = 0
        self._held = _Held()
        self._end = weakref.finalize(self, self._held.end)
        self.name, self._versions = self._start()

    def versions(self) -> Mapping[str, str]:
        """Return the versions that the library named when it was loaded."""
        return dict(self._versions)

    def fit(self, model: Model, data: pd.DataFrame) -> "IsolatedFit":
        """Fit in the child process."""
        self._fits += 1
        fitted = IsolatedFit(self, self._fits, model, data)
        fitted.settle()
        return fitted

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        """Compute a quantity of numbers alone in the child process."""
        value: Value = self.ask("compute", name, dict(inputs))
        return value

    def close(self) -> None:
        """End the process."""
        self._end()

    @property
    def living(self) -> int:
        """Number of the process that lives, from 1; -1 if none does: fits of others are gone."""
        return -1 if self._held.process is None else self._held.born

    def ask(self, verb: str, *arguments: Any) -> Any:
        """Send one request and wait for its reply, in a new process if the last one died."""
        if self._held.process is None:
            self._start()
        assert self._held.connection is not None
        try:
            self._held.connection.send((verb, arguments))
        except OSError:
            raise self._died() from None
        return self._received(self._timeout)

    def _start(self) -> tuple[str, Mapping[str, str]]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(self._spec, theirs), daemon=True)
        process.start()
        theirs.close()
        self._held.process, self._held.connection = process, ours
        self._held.born += 1
        try:
            named: tuple[str, Mapping[str, str]] = self._received(_START_SECONDS)
        except LibraryError:
            self._held.end()
            raise
        return named

    def _received(self, seconds: float) -> Any:
        connection = self._held.connection
        assert connection is not None
        if not connection.poll(seconds):
            self._held.end()
            message = (
                f"'{self._spec}' did not answer within {seconds:g} s and was stopped "
                "(`--fit-timeout` allows more)"
            )
            raise LibraryError(message)
        try:
            reply: Reply = connection.recv()
        except (EOFError, OSError):
            raise self._died() from None
        for text in reply.warned:
            warnings.warn(text, LibraryWarning, stacklevel=4)
        if reply.kind:
            raise _ERRORS.get(reply.kind, LibraryError)(reply.error)
        return reply.value

    def _died(self) -> LibraryError:
        process = self._held.process
        if process is not None:
            process.join(5.0)
        code = None if process is None else process.exitcode
        self._held.end()
        return LibraryError(f"the process of '{self._spec}' ended with status {code}")


@dataclass
class IsolatedFit:
    """A fit that lives in the child process; made again there if that process was replaced."""

    owner: Isolated
    key: int
    model: Model
    data: pd.DataFrame = field(repr=False)
    theta: Array = field(default_factory=lambda: np.empty(0))
    _born: int = 0

    def settle(self) -> None:
        """Fit, unless the process that fitted still lives."""
        if self._born != self.owner.living:
            self.theta = self.owner.ask("fit", self.key, self.model, self.data)
            self._born = self.owner.living

    def criterion(self, theta: Array) -> float:
        """Return the library's criterion at a theta."""
        self.settle()
        return float(self.owner.ask("criterion", self.key, np.asarray(theta, dtype=float)))

    def quantity(self, name: str, theta: Array | None = None, **inputs: Any) -> Value:
        """Return a quantity, computed in the child process."""
        self.settle()
        value: Value = self.owner.ask("quantity", self.key, name, theta, inputs)
        return value
