"""The child process in which another library runs: it may print, crash or hang as it likes."""

import os
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from parity.asking import as_value, checked_fit
from parity.errors import ImplementationError, NotProvidedError, OwnOptimumError
from parity.implementation import Fitted, Implementation
from parity.implementations.load import implementation_of


@dataclass(frozen=True)
class Reply:
    """What came of one request.

    Attributes
    ----------
    value
        The answer; None if there is an error.
    kind, error
        Which error, for the parent to raise it again, and its text.
    warned
        What Python warned of, as texts.
    """

    value: Any = None
    kind: str = ""
    error: str = ""
    warned: tuple[str, ...] = ()


def serve(spec: str, connection: Connection) -> None:
    """Load an implementation and answer requests until the parent goes away."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)  # a library's chatter is no part of a report
    worker: dict[str, Any] = {}

    def load() -> Any:
        worker["it"] = _Worker(implementation_of(spec))
        return worker["it"].implementation.name, dict(worker["it"].implementation.versions())

    first = _replied(load)
    connection.send(first)
    while not first.kind:
        try:
            verb, arguments = connection.recv()
        except EOFError:
            return
        verbs: Mapping[str, Callable[..., Any]] = worker["it"].verbs
        connection.send(_replied(lambda v=verb, a=arguments, known=verbs: known[v](*a)))  # type: ignore[misc]


class _Worker:
    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self._fits: dict[int, Fitted] = {}
        self.verbs: Mapping[str, Callable[..., Any]] = {
            "fit": self._fit,
            "criterion": lambda key, theta: float(self._fits[key].criterion(theta)),
            "quantity": self._quantity,
            "compute": lambda name, inputs: as_value(implementation.compute(name, inputs), name),
        }

    def _fit(self, key: int, model: Any, data: Any) -> Any:
        fitted = checked_fit(self.implementation.fit(model, data), self.implementation.name)
        self._fits[key] = fitted
        return np.asarray(fitted.theta, dtype=float)

    def _quantity(self, key: int, name: str, theta: Any, inputs: Mapping[str, Any]) -> Any:
        return as_value(self._fits[key].quantity(name, theta, **inputs), name)


def _where(error: Exception) -> str:
    """Say in which file and line it happened, the innermost of all."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _replied(act: Callable[[], Any]) -> Reply:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            reply = Reply(act())
        except OwnOptimumError as error:
            reply = Reply(kind="own optimum", error=str(error))
        except NotProvidedError as error:
            reply = Reply(kind="not provided", error=str(error))
        except ImplementationError as error:
            reply = Reply(kind="implementation", error=str(error))
        except Exception as error:
            reply = Reply(kind="library", error=f"{type(error).__name__}: {error}{_where(error)}")
    warned = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught)
    return Reply(reply.value, reply.kind, reply.error, tuple(warned))
