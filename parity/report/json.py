"""The report for machines, with every number at full precision."""

import json
import math
from dataclasses import asdict
from typing import Any

from parity.report.content import Report
from parity.run import CaseResult
from parity.values import Value
from parity.verdict import Ruling

FORMAT = 1


def json_text(report: Report) -> str:
    """Write the report as JSON; NaN and infinities as texts, as in recorded files."""
    used = {result.case.tolerance for result in report.results}
    document = {
        "format": FORMAT,
        "passed": report.passed,
        "oracle": report.oracle,
        "implementation": report.implementation,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "counts": {str(verdict): count for verdict, count in report.counts.items()},
        "environment": {"python": dict(report.python), "r": dict(report.r)},
        "deviations_without_cases": list(report.idle),
        "data": dict(report.data),
        "tolerances": {name: asdict(report.tolerances[name]) for name in sorted(used)},
        "results": [_result(result) for result in report.results],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _result(result: CaseResult) -> dict[str, Any]:
    case, finding, answer = result.case, result.finding, result.answer
    comparison = finding.comparison
    return {
        "id": case.id,
        "requirement": case.requirement,
        "quantity": case.quantity,
        "tolerance": case.tolerance,
        "request": case.request(),
        "verdict": str(finding.verdict),
        "reason": finding.reason,
        "deviation": finding.deviation,
        "evidence": dict(finding.evidence),
        "who_is_right": None if finding.ruling is None else _ruling(finding.ruling),
        "oracle": None if answer is None else answer.oracle,
        "versions": {} if answer is None else dict(answer.versions),
        "theta": None if answer is None or answer.theta is None else answer.theta.tolist(),
        "expected": None if answer is None else _value(answer.value),
        "observed": None if result.observed is None else _value(result.observed),
        "messages": [] if answer is None else list(answer.messages + answer.warnings),
        "comparison": None
        if comparison is None
        else {
            "by": comparison.by,
            "count": comparison.count,
            "max_abs": _finite(comparison.max_abs),
            "max_rel": _finite(comparison.max_rel),
            "digits": round(comparison.digits, 2),
            "share_of_tolerance": _finite(comparison.use),
            "worst": None if comparison.worst is None else comparison.worst.where,
        },
        "seconds": {
            "r": None if answer is None else answer.seconds,
            "python": round(result.seconds_python, 6),
        },
    }


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "nearer": str(ruling.nearer),
        "cause": str(ruling.cause),
        "sentence": ruling.sentence,
        "columns": list(ruling.columns),
        "rows": [list(row) for row in ruling.rows],
    }


def _value(value: Value) -> dict[str, Any]:
    return (value.thinned() if value.is_long else value).to_json()


def _finite(x: float) -> float | str:
    return x if math.isfinite(x) else str(x)
