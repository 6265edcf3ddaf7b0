"""An oracle that is asked each question once, and remembers what was said."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.errors import OracleError
from parity.oracles.answer import Answer, Oracle


class RememberingOracle:
    """Asks another oracle, and gives the same answer (or error) when a question comes again.

    A case with other inputs is another question, whatever its id.
    """

    def __init__(self, other: Oracle) -> None:
        self._other = other
        self._said: dict[tuple[str, str], Answer | OracleError] = {}
        self.name = other.name

    def environment(self) -> Mapping[str, str]:
        """Return the environment of the oracle behind this one."""
        return self._other.environment()

    def answer(self, case: Case) -> Answer:
        """Return what the oracle behind this one says, or said before."""
        question = case.id, case.digest
        if question not in self._said:
            try:
                self._said[question] = self._other.answer(case)
            except OracleError as error:
                self._said[question] = error
        said = self._said[question]
        if isinstance(said, OracleError):
            raise said
        return said

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask the oracle behind this one."""
        return self._other.judge(case, quantity, inputs)

    def close(self) -> None:
        """Close the oracle behind this one."""
        self._other.close()
