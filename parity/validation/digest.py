"""One digest of the results: what was asked, answered, computed and decided; never when."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from parity.run import CaseResult
from parity.validation.named_tests import TestOutcome
from parity.values import Value

# Evidence that tells where or how a thing ran, not what came out.
_NOT_RESULTS = {"traceback"}


def results_digest(results: Iterable[CaseResult], tests: Iterable[TestOutcome] = ()) -> str:
    """Return the sha256 of all results, the same wherever and whenever they are computed."""
    document = {
        "cases": [_case(result) for result in results],
        "tests": [[test.node, test.outcome] for test in tests],
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _case(result: CaseResult) -> dict[str, Any]:
    finding, answer = result.finding, result.answer
    evidence = {k: text for k, text in finding.evidence.items() if k not in _NOT_RESULTS}
    return {
        "id": result.case.id,
        "asked": result.case.digest,
        "tolerance": result.case.tolerance,
        "verdict": str(finding.verdict),
        "reason": finding.reason,
        "deviation": finding.deviation,
        "evidence": evidence,
        "expected": None if answer is None else _bits(answer.value),
        "observed": None if result.observed is None else _bits(result.observed),
    }


def _bits(value: Value) -> list[Any]:
    names = [None if labels is None else list(labels) for labels in value.names]
    return [list(value.numbers.shape), names, [x.hex() for x in value.numbers.ravel().tolist()]]
