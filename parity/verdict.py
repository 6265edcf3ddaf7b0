"""The six things that a comparison can say, and everything that it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from parity.compare import Comparison


class Verdict(StrEnum):
    """What a case says of the two sides."""

    MATCH = "match"
    EXPLAINED = "explained"
    MISMATCH = "mismatch"
    R_ERROR = "r-error"
    PYTHON_ERROR = "python-error"
    NOT_RUN = "not-run"

    @property
    def fails(self) -> bool:
        """Whether a run with this verdict in it fails."""
        return self in (Verdict.MISMATCH, Verdict.R_ERROR, Verdict.PYTHON_ERROR)


@dataclass(frozen=True)
class Finding:
    """A judge's verdict on one case.

    Attributes
    ----------
    reason
        One sentence: why this verdict.
    evidence
        Named statements with their numbers, each of which a reader can check.
    deviation
        Id of the registered deviation that explains the difference.
    """

    verdict: Verdict
    reason: str
    comparison: Comparison | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    deviation: str | None = None
