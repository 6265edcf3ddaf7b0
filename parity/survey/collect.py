"""Ask one library every case of the survey."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case
from parity.implementation import Implementation
from parity.judges.own_optimum import EXCESS
from parity.oracles import Answer, Oracle
from parity.run import CaseResult
from parity.session import compare_cases
from parity.survey.document import Entry, Surveyed
from parity.survey.scope import OPTIMUM
from parity.verdict import Verdict

_LONGEST = 300


class Remembering:
    """An oracle that is asked each case once, whatever the number of libraries."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._answers: dict[str, Answer] = {}
        self.name = oracle.name

    def environment(self) -> Mapping[str, str]:
        """Return the environment of the oracle behind this one."""
        return self._oracle.environment()

    def answer(self, case: Case) -> Answer:
        """Return the first answer again."""
        if case.id not in self._answers:
            self._answers[case.id] = self._oracle.answer(case)
        return self._answers[case.id]

    def judge(
        self, case: Case, quantity: str, inputs: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        """Ask the oracle behind this one."""
        return self._oracle.judge(case, quantity, inputs)

    def close(self) -> None:
        """Close the oracle behind this one."""
        self._oracle.close()


def survey_library(
    cases: Sequence[Case],
    implementation: Implementation,
    oracle: Oracle,
    watch: Callable[[Case], None] = lambda _case: None,
) -> Surveyed:
    """Compare a library on all cases, and keep what a reader has to know of each."""
    report = compare_cases(cases, implementation, oracle, watch=watch)
    own = dict(implementation.versions())
    return Surveyed(
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        versions=own,
        python={name: text for name, text in report.python.items() if name not in own},
        r=dict(report.r),
        cases={result.case.id: entry_of(result) for result in report.results},
    )


def entry_of(result: CaseResult) -> Entry:
    """Shorten a result to its verdict, its reason and its digits."""
    finding, comparison = result.finding, result.finding.comparison
    digits = None
    if comparison is not None and comparison.comparable:
        digits = round(comparison.digits, 1)
    return Entry(
        verdict=str(finding.verdict),
        reason="" if _goes_without_saying(result) else _short(finding.reason),
        digits=digits,
        excess=_excess(result),
    )


def _goes_without_saying(result: CaseResult) -> bool:
    """Say whether a verdict needs no reason: a match, or one quantity more that is not there."""
    verdict = result.finding.verdict
    return verdict is Verdict.MATCH or (
        verdict is Verdict.NOT_RUN and result.case.quantity != OPTIMUM
    )


def _short(reason: str) -> str:
    text = " ".join(reason.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _excess(result: CaseResult) -> float | None:
    """Return an optimum's criterion less lme4's: the judge's, or else as it was reported."""
    if result.case.quantity != OPTIMUM or result.answer is None or result.observed is None:
        return None
    if result.finding.verdict in (Verdict.NOT_RUN, Verdict.PYTHON_ERROR, Verdict.R_ERROR):
        return None
    if EXCESS in result.finding.evidence:
        return float(result.finding.evidence[EXCESS])
    return float(f"{result.observed.numbers[-1] - result.answer.value.numbers[-1]:.3e}")
