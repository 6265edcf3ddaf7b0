"""The verdicts on one model, a line a case; every display of a check is made of these."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parity.report import Report
from parity.run import CaseResult
from parity.verdict import Cause, Verdict


@dataclass(frozen=True)
class Line:
    """One case.

    Attributes
    ----------
    quantity
        With its variant: ``scores_mer/level2``.
    digits
        On which both sides agree at the worst element; NaN where numbers were not compared.
    reason
        Why this verdict.
    """

    quantity: str
    verdict: Verdict
    digits: float
    max_abs: float
    reason: str

    @property
    def digits_text(self) -> str:
        """The digits of a match; elsewhere they would mislead."""
        known = self.verdict is Verdict.MATCH and not math.isnan(self.digits)
        return f"{self.digits:.1f}" if known else ""

    def fields(self) -> Mapping[str, Any]:
        """Return the line as columns of a data frame."""
        return {
            "quantity": self.quantity,
            "verdict": str(self.verdict),
            "digits": self.digits,
            "max_abs": self.max_abs,
            "reason": self.reason,
        }


def lines_of(report: Report) -> list[Line]:
    """Return a line a case, in the order of the run."""
    return [_line(result) for result in report.results]


@dataclass(frozen=True)
class Explanation:
    """What is said of quantities that did not simply match, and of which.

    Attributes
    ----------
    ruling
        Who is right, where that was decided; a registered deviation has said it already.
    """

    verdict: Verdict
    reason: str
    quantities: tuple[str, ...]
    ruling: str

    @property
    def title(self) -> str:
        """Verdict and reason."""
        return f"{self.verdict}: {self.reason}"


def explanations(report: Report) -> list[Explanation]:
    """Group what did not simply match by what is said of it; what failed comes first."""
    titles = {entry.id: entry.title for entry in report.deviations}
    groups: dict[tuple[Verdict, str], list[CaseResult]] = defaultdict(list)
    for result in sorted(report.results, key=lambda result: not result.finding.verdict.fails):
        finding = result.finding
        if finding.verdict is not Verdict.MATCH:
            why = titles.get(finding.deviation or "", finding.reason)
            groups[finding.verdict, why].append(result)
    return [
        Explanation(verdict, why, tuple(map(quantity_of, results)), _ruling(results[0]))
        for (verdict, why), results in groups.items()
    ]


def _ruling(result: CaseResult) -> str:
    ruling = result.finding.ruling
    if ruling is None or ruling.cause is Cause.DEVIATION:
        return ""
    return "" if result.finding.reason in ruling.sentence else ruling.sentence


def quantity_of(result: CaseResult) -> str:
    """Return what a case compares, without its model."""
    case = result.case
    return case.id if case.model is None else case.id.removeprefix(f"{case.model.id}/")


def _line(result: CaseResult) -> Line:
    finding = result.finding
    comparison = finding.comparison
    return Line(
        quantity=quantity_of(result),
        verdict=finding.verdict,
        digits=math.nan if comparison is None else comparison.digits,
        max_abs=math.nan if comparison is None else comparison.max_abs,
        reason=finding.reason,
    )
