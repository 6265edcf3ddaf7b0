"""What is in print: numbers that somebody published, with the digits they published."""

import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.errors import RecordedError
from parity.oracles.answer import Answer, Oracle
from parity.paths import parity_folder
from parity.probes import probe_of
from parity.values import Value

NAME = "published"


class PublishedOracle:
    """Answers from ``tables/published.toml``; every other case goes to the oracle behind it."""

    def __init__(self, other: Oracle) -> None:
        self._other = other
        text = (parity_folder() / "tables" / "published.toml").read_text("utf-8")
        self._tables: Mapping[str, Any] = tomllib.loads(text)
        self.name = other.name

    def environment(self) -> Mapping[str, str]:
        """Return the environment of the oracle behind this one."""
        return self._other.environment()

    def answer(self, case: Case) -> Answer:
        """Return the printed numbers, and half a unit of the last digit of each."""
        if not is_published(case):
            return self._other.answer(case)
        table = self._tables.get(case.inputs["table"], {})
        printed = table.get(case.inputs["run"], {}).get(case.inputs["part"])
        if printed is None:
            message = f"tables/published.toml has no numbers for case '{case.id}'"
            raise RecordedError(message)
        half = {name: half_unit(text) for name, text in printed.items()}
        return Answer(
            value=Value.of({name: float(text) for name, text in printed.items()}),
            theta=None,
            evidence={"half_unit": Value.of(half)},
            oracle=NAME,
            versions={"printed in": table["source"]},
        )

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask the oracle behind this one."""
        return self._other.judge(case, quantity, inputs)

    def close(self) -> None:
        """Close the oracle behind this one."""
        self._other.close()


def is_published(case: Case) -> bool:
    """Say whether a case compares with print, and not with R."""
    return probe_of(case.quantity).package == NAME


def half_unit(text: str) -> float:
    """Return half a unit of the last digit of a printed number.

    Examples
    --------
    >>> half_unit("0.3723"), half_unit("152")
    (5e-05, 0.5)
    """
    decimals = len(text.partition(".")[2])
    return float(f"5e-{decimals + 1}")
