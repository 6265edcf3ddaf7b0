"""Everything that was gathered, and what follows from it."""

from dataclasses import dataclass

from parity.report import Report
from parity.validation.changes import Changes
from parity.validation.identity import Identity
from parity.validation.iq import Defect, Installation
from parity.validation.named_tests import TestRun
from parity.validation.pq import Qualification
from parity.validation.reruns import Rerun
from parity.validation.traceability import Matrix


@dataclass(frozen=True)
class Evidence:
    """What a report rests on.

    Attributes
    ----------
    oq
        The project's own cases, decided.
    tests
        The named tests.
    selected
        The globs by which cases were chosen; none if all were run.
    known_cases
        Number of cases of the whole catalogue.
    results
        Digest of all results.
    """

    identity: Identity
    installation: Installation
    oq: Report
    tests: TestRun
    matrix: Matrix
    defects: tuple[Defect, ...]
    reruns: tuple[Rerun, ...]
    pq: tuple[Qualification, ...]
    changes: Changes | None
    selected: tuple[str, ...]
    known_cases: int
    results: str
