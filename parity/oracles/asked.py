"""An oracle that is not put every question: some would take it hours, some it cannot answer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.errors import MissingPackageError, NotAskedError
from parity.oracles.answer import Answer, Oracle
from parity.probes import probe_of


class SparingOracle:
    """Asks another oracle, except what there is a reason not to ask: that is "not-run".

    A package that R lacks is such a reason.

    Parameters
    ----------
    other
        Who is asked.
    not_asked
        Reasons by the ids of cases.
    """

    def __init__(self, other: Oracle, not_asked: Mapping[str, str]) -> None:
        self._other = other
        self._not_asked = not_asked
        self.name = other.name

    def environment(self) -> Mapping[str, str]:
        """Return the environment of the oracle behind this one."""
        return self._other.environment()

    def answer(self, case: Case) -> Answer:
        """Return the other's answer, or say why it was not asked."""
        if case.id in self._not_asked:
            raise NotAskedError(self._not_asked[case.id])
        try:
            return self._other.answer(case)
        except MissingPackageError as error:
            package = probe_of(case.quantity).package
            message = (
                f"not asked: R's package '{package}' is not installed "
                f'(install.packages("{package}"); R_LIBS names another library)'
            )
            raise NotAskedError(message) from error

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask the oracle behind this one."""
        return self._other.judge(case, quantity, inputs)

    def close(self) -> None:
        """Close the oracle behind this one."""
        self._other.close()
