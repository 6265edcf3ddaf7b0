"""Independent references first; R's answer to the same question goes along as evidence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.errors import CaseError, OracleError
from parity.frames import Frames
from parity.independent import SOURCES
from parity.oracles.answer import Answer, Oracle
from parity.probes import probe_of


class IndependentOracle:
    """Answers what an independent source knows; every other case goes to the oracle behind it.

    Where R knows the quantity too, its numbers are the evidence ``R``, so that a report can
    say how many digits each of the two engines reaches.
    """

    def __init__(self, other: Oracle, frames: Frames | None = None) -> None:
        self._other = other
        self._frames = Frames() if frames is None else frames
        self.name = other.name

    def environment(self) -> Mapping[str, str]:
        """Return the environment of the oracle behind this one."""
        return self._other.environment()

    def answer(self, case: Case) -> Answer:
        """Return the independent value, with R's beside it where there is one."""
        source = SOURCES.get(case.quantity)
        if source is None:
            return self._other.answer(case)
        if case.model is None:
            message = f"case '{case.id}' asks for '{case.quantity}', which needs a model"
            raise CaseError(message)
        reference = source(case, self._frames.of(case.model))
        r = self._ask_r(case)
        return Answer(
            value=reference.value,
            theta=None,
            evidence={} if r is None else {"R": r.value},
            messages=() if r is None else r.messages,
            warnings=() if r is None else r.warnings,
            oracle=reference.oracle,
            versions={"source": reference.source, **_beside(r)},
        )

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask the oracle behind this one."""
        return self._other.judge(case, quantity, inputs)

    def close(self) -> None:
        """Close the oracle behind this one."""
        self._other.close()

    def _ask_r(self, case: Case) -> Answer | None:
        if not probe_of(case.quantity).asks_r:
            return None
        try:
            return self._other.answer(case)
        except OracleError:
            return None  # R's digits are a comparison, not what the verdict rests on


def _beside(r: Answer | None) -> dict[str, str]:
    """Name the R whose numbers go along; they are not those of the answer."""
    if r is None:
        return {}
    named = [f"{name} {r.versions[name]}" for name in ("R", "lme4") if name in r.versions]
    return {"R's numbers beside": ", ".join(named)}
