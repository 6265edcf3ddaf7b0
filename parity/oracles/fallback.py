"""Live R where it has the package, the recorded answer where it has not."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.oracles.answer import Answer
from parity.oracles.live import LiveOracle
from parity.oracles.recorded import RecordedOracle
from parity.probes import PROBES, probe_of


class FallbackOracle:
    """Asks R what R can answer; takes the rest from the record, and says so in each answer."""

    name = "live"

    def __init__(self, live: LiveOracle, recorded: RecordedOracle) -> None:
        self._live = live
        self._recorded = recorded

    def environment(self) -> Mapping[str, str]:
        """Return live R's versions, and under which versions the recorded answers came."""
        environment = dict(self._live.environment())
        needed = sorted({probe.package for probe in PROBES.values() if probe.asks_r})
        for package in (one for one in needed if not self._live.has(one)):
            recorded = self._recorded.environment_with(package)
            if recorded is not None:
                environment[package] = (
                    f"not installed; {recorded[package]} as recorded under R {recorded['R']}, "
                    f"lme4 {recorded['lme4']}, Matrix {recorded['Matrix']}"
                )
        return environment

    def answer(self, case: Case) -> Answer:
        """Return R's answer, or the recorded one where R lacks the package."""
        if self._live.has(probe_of(case.quantity).package):
            return self._live.answer(case)
        return self._recorded.answer(case)

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask live R about numbers of ours."""
        return self._live.judge(case, quantity, inputs)

    def close(self) -> None:
        """End the worker."""
        self._live.close()
