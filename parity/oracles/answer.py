"""What an oracle answers, and what an oracle is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.errors import RError
from parity.values import Value


@dataclass(frozen=True)
class Answer:
    """R's numbers for one case, and the theta at which they hold.

    Attributes
    ----------
    theta
        ``(t,)`` R's estimate in the case's model; None without a model.
    evidence
        Further numbers that a judge may need.
    oracle
        "live" or "recorded".
    versions
        Versions of R and its packages that gave the answer.
    thinned
        Whether `value` holds a sample of the rows only (see `Value.thinned`).
    """

    value: Value
    theta: NDArray[np.float64] | None
    evidence: Mapping[str, Value] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    oracle: str = "live"
    versions: Mapping[str, str] = field(default_factory=dict)
    thinned: bool = False
    seconds: float = 0.0

    @classmethod
    def from_json(
        cls, document: Mapping[str, Any], oracle: str, versions: Mapping[str, str]
    ) -> "Answer":
        """Read the line that ``answer.R`` writes."""
        if document["status"] != "ok":
            raise RError(document["error"], versions, document.get("call", ""))
        theta = document["theta"]
        return cls(
            value=Value.from_json(document["value"]),
            theta=None if theta is None else Value.from_json(theta).numbers,
            evidence={k: Value.from_json(v) for k, v in document["evidence"].items()},
            messages=tuple(document["messages"]),
            warnings=tuple(document["warnings"]),
            oracle=oracle,
            versions=versions,
            thinned=bool(document.get("thinned", False)),
            seconds=float(document.get("seconds", 0.0)),
        )

    def to_json(self, *, whole: bool = False) -> dict[str, Any]:
        """Write what `from_json` reads, long values thinned unless they are wanted whole."""
        thin = self.value.is_long and not whole
        value = self.value.thinned() if thin else self.value
        return {
            "status": "ok",
            "value": value.to_json(),
            "thinned": thin,
            "theta": None if self.theta is None else Value.of(self.theta).to_json(),
            "evidence": {name: item.to_json() for name, item in self.evidence.items()},
            "messages": list(self.messages),
            "warnings": list(self.warnings),
        }


class Oracle(Protocol):
    """Someone who answers cases; every oracle has the same three verbs."""

    name: str

    def environment(self) -> Mapping[str, str]:
        """Return versions of R and its packages, and the RNG kinds."""
        ...

    def answer(self, case: Case) -> Answer:
        """Return R's answer, or raise an `OracleError` that says why there is none."""
        ...

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask R's own functions about numbers of ours; None if this oracle cannot."""
        ...

    def close(self) -> None:
        """Let go of processes and files."""
        ...


def points_input(points: Sequence[NDArray[np.float64]]) -> dict[str, list[float]]:
    """Write points, one after the other, as ``quantity_judge`` reads them."""
    return {"points": np.concatenate([np.asarray(p, float) for p in points]).tolist()}
