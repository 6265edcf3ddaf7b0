"""Live R through rpy2, in a worker process."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.bridge import RProcess
from parity.bridge.refusals import no_package
from parity.bridge.texts import unsendable
from parity.cases import Case, Model
from parity.data import columns_for_r
from parity.errors import MissingPackageError, OracleError, RUnavailableError
from parity.frames import Frames
from parity.oracles.answer import Answer
from parity.probes import probe_of
from pybootmlm.exceptions import PybootmlmError
from pybootmlm.formula import parse_formula

_REQUIRED = ("lme4", "numDeriv")


class LiveOracle:
    """Asks the R on this machine. A crash or a hang costs one case.

    Parameters
    ----------
    timeout
        Seconds that one case may take.
    command
        What starts Rscript, for an R other than the one that rpy2 finds.
    frames
        The data of the models; the packaged data sets by default.
    r_code
        R code of the user's own that a case may hold, text by text. A case with other code is
        refused: nothing that a file says is run in R.
    """

    name = "live"

    def __init__(
        self,
        timeout: float = 300.0,
        command: str | None = None,
        frames: Frames | None = None,
        r_code: Iterable[str] = (),
    ) -> None:
        self._frames = Frames() if frames is None else frames
        self._r_code = frozenset(r_code)
        self._process = RProcess(timeout, command=command)
        self._environment: Mapping[str, str] | None = None
        self._sent: set[str] = set()
        self._incarnation = 0

    def environment(self) -> Mapping[str, str]:
        """Return versions of R and its packages; an error names a package that is missing."""
        if self._environment is None:
            answer = self._process.ask({"verb": "environment"})
            _check_done(answer, "R does not say what it is")
            environment = {key: str(text) for key, text in answer["environment"].items()}
            for package in _REQUIRED:
                if package not in environment:
                    raise RUnavailableError(no_package(package, environment["R"]))
            self._environment = environment
        return self._environment

    def has(self, package: str) -> bool:
        """Say whether R has a package."""
        return package in self.environment()

    def answer(self, case: Case) -> Answer:
        """Ask R for a case's quantity."""
        package = probe_of(case.quantity).package
        if not self.has(package):
            raise MissingPackageError(no_package(package, self.environment()["R"]))
        return Answer.from_json(self._ask(case, case.request()), self.name, self.environment())

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask R's own deviance functions about numbers of ours."""
        request = {**case.request(), "quantity": quantity, "inputs": dict(inputs)}
        try:
            return Answer.from_json(self._ask(case, request), self.name, {}).value.numbers
        except OracleError:
            return None

    def close(self) -> None:
        """End the worker."""
        self._process.close()

    def _ask(self, case: Case, request: dict[str, Any]) -> dict[str, Any]:
        if case.model is not None:
            frame = self._frames.of(case.model)
            request = {**request, "model": _checked(case.model, frame, request["model"])}
            self._send_data(case.model.data_key, frame)
        code = request["inputs"].get("r_statistic")
        if code is not None and code not in self._r_code:
            message = (
                f"the question is not sent to R: it holds R code that nobody asked to run: {code}"
            )
            raise OracleError(message)
        fault = unsendable(request)
        if fault is not None:
            message = f"the question is not sent to R: {fault}"
            raise OracleError(message)
        return self._process.ask({"verb": "answer", "request": request})

    def _send_data(self, name: str, frame: pd.DataFrame) -> None:
        if not self._process.running or self._incarnation != self._process.restarts:
            self._sent.clear()
        if name not in self._sent:
            columns = columns_for_r(frame)
            for label, column in columns.items():
                texts = column["levels"] if "levels" in column else column["values"]
                if fault := unsendable([label, texts]):
                    message = f"column {label!r} is not sent to R: {fault}; replace it in the data"
                    raise OracleError(message)
            answer = self._process.ask({"verb": "data", "name": name, "columns": columns})
            _check_done(answer, f"R does not take the data '{name}'")
            self._sent.add(name)
        self._incarnation = self._process.restarts


def _check_done(answer: Mapping[str, Any], what: str) -> None:
    if answer["status"] != "ok":
        message = f"{what}: {answer['error']}"
        raise OracleError(message)


def _checked(model: Model, frame: pd.DataFrame, request: Mapping[str, Any]) -> dict[str, Any]:
    """Let only what the formula grammar knows reach R, which would run anything.

    The formula goes over as the grammar reads it, on one line; every name in it, and those of
    weights and offset, must be a column, because R would look further.
    """
    try:
        formula = parse_formula(model.formula)
    except PybootmlmError as error:
        message = f"the formula is not sent to R, because it cannot be read: {error}"
        raise OracleError(message) from error
    names = [*formula.columns, *(n for n in (model.weights, model.offset) if n is not None)]
    absent = [name for name in names if name not in frame.columns]
    if absent:
        message = (
            f"the model is not sent to R, because its data have no column "
            f"{', '.join(map(repr, absent))}; they have {', '.join(map(repr, frame.columns))}"
        )
        raise OracleError(message)
    return {**request, "formula": formula.text}
