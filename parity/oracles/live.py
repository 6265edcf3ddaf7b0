"""Live R through rpy2, in a worker process."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.bridge import RProcess
from parity.cases import Case, Model
from parity.data import columns_for_r
from parity.errors import MissingPackageError, OracleError, RUnavailableError
from parity.frames import Frames
from parity.oracles.answer import Answer
from parity.probes import probe_of
from pybootmlm.exceptions import PybootmlmError
from pybootmlm.formula import parse_formula

_REQUIRED = ("lme4", "numDeriv")
_INSTALL = "`Rscript r_reference/install.R`, or on Debian `apt-get install r-cran-{}`"


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
    """

    name = "live"

    def __init__(
        self, timeout: float = 300.0, command: str | None = None, frames: Frames | None = None
    ) -> None:
        self._frames = Frames() if frames is None else frames
        self._process = RProcess(timeout, command=command)
        self._environment: Mapping[str, str] | None = None
        self._sent: set[str] = set()
        self._incarnation = 0

    def environment(self) -> Mapping[str, str]:
        """Return versions of R and its packages; an error names a package that is missing."""
        if self._environment is None:
            answer = self._process.ask({"verb": "environment"})
            environment = {key: str(text) for key, text in answer["environment"].items()}
            for package in _REQUIRED:
                if package not in environment:
                    message = (
                        f"R {environment['R']} is here, but its package '{package}' is not; "
                        f"install it with {_INSTALL.format(package.lower())}"
                    )
                    raise RUnavailableError(message)
            self._environment = environment
        return self._environment

    def has(self, package: str) -> bool:
        """Say whether R has a package."""
        return package in self.environment()

    def answer(self, case: Case) -> Answer:
        """Ask R for a case's quantity."""
        package = probe_of(case.quantity).package
        if not self.has(package):
            message = f"R's package '{package}' is not installed"
            raise MissingPackageError(message)
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
            _check_formula(case.model.formula)
            self._send_data(case.model)
        return self._process.ask({"verb": "answer", "request": request})

    def _send_data(self, model: Model) -> None:
        if not self._process.running or self._incarnation != self._process.restarts:
            self._sent.clear()
        if model.data_key not in self._sent:
            columns = columns_for_r(self._frames.of(model))
            self._process.ask({"verb": "data", "name": model.data_key, "columns": columns})
            self._sent.add(model.data_key)
        self._incarnation = self._process.restarts


def _check_formula(formula: str) -> None:
    """Let only what the formula grammar knows reach R, which would run anything."""
    try:
        parse_formula(formula)
    except PybootmlmError as error:
        message = f"the formula is not sent to R, because it cannot be read: {error}"
        raise OracleError(message) from error
