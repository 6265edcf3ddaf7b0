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


class Side(StrEnum):
    """Who is nearer to what is right."""

    PYTHON = "Python"
    R = "R"
    BOTH = "both"
    NEITHER = "neither"
    OPEN = "not known"


class Cause(StrEnum):
    """Why two answers differ."""

    EARLY_STOP = "early stop"
    BOUNDARY = "boundary"
    VALLEY = "another valley"
    FLAT = "flat direction"
    DEGREES = "degrees of freedom"
    DEVIATION = "registered deviation"
    NO_ANSWER = "no answer of R's"
    ROUNDING = "rounding"
    NONE = "no difference"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Ruling:
    """Who is right, and why, with the numbers side by side.

    Attributes
    ----------
    sentence
        Who is nearer, by how much and why, for a reader in a hurry.
    columns, rows
        A table: what is compared, and a row of texts for each measure, its name first. The
        rows stand in the finding's evidence too.
    """

    nearer: Side
    cause: Cause
    sentence: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def evidence(self) -> dict[str, str]:
        """The rows as named statements."""
        return {
            row[0]: "; ".join(
                f"{column}: {cell}"
                for column, cell in zip(self.columns, row[1:], strict=True)
                if cell
            )
            for row in self.rows
        }


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
    ruling
        Who is right, where that was asked.
    """

    verdict: Verdict
    reason: str
    comparison: Comparison | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    deviation: str | None = None
    ruling: Ruling | None = None
