"""The content of a report, apart from any form."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parity.deviations import Deviation
from parity.requirements import Requirement
from parity.run import CaseResult
from parity.tolerances import Tolerance
from parity.verdict import Verdict


@dataclass(frozen=True)
class Report:
    """Everything that a run has to say.

    Attributes
    ----------
    results
        One a case, in the order of the run.
    idle
        Ids of deviations that concern no case of the whole catalogue: dead entries.
    data
        Fingerprint of the data of each model that had a case, by `Model.data_key`.
    """

    results: Sequence[CaseResult]
    oracle: str
    implementation: str
    python: Mapping[str, str]
    r: Mapping[str, str]
    requirements: Mapping[str, Requirement]
    tolerances: Mapping[str, Tolerance]
    deviations: Sequence[Deviation]
    started: str
    seconds: float
    idle: tuple[str, ...] = field(default=())
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Verdict, int]:
        """Number of cases by verdict, all six."""
        found = Counter(result.finding.verdict for result in self.results)
        return {verdict: found.get(verdict, 0) for verdict in Verdict}

    @property
    def passed(self) -> bool:
        """Whether nothing is a mismatch or an error, and no deviation is dead."""
        return not self.idle and not any(
            verdict.fails and count for verdict, count in self.counts.items()
        )

    @property
    def recorded(self) -> int:
        """Number of cases that a recorded reference answered."""
        return sum(r.answer is not None and r.answer.oracle == "recorded" for r in self.results)

    @property
    def headline(self) -> str:
        """One sentence that says how it went."""
        counts = self.counts
        said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n)
        return f"{'Pass' if self.passed else 'FAIL'}: {len(self.results)} cases: {said}"
