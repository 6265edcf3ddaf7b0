"""The files of evidence, as texts by their names."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from parity.drift.text import drift_text
from parity.paths import parity_folder
from parity.report.json import json_text
from parity.run import CaseResult
from parity.validation.changes import INSTALLATION, RESULTS, installation_document
from parity.validation.evidence import Evidence
from parity.validation.risk import priority, risk_class
from parity.validation.traceability import Trace
from parity.values import Names, Value

_TABLES = ("requirements.toml", "tolerances.toml", "deviations.toml")


def evidence_files(evidence: Evidence) -> dict[str, str]:
    """Write every file of evidence but the run log, in the order in which they are chained."""
    texts = {
        "evidence/identity.json": _json(asdict(evidence.identity)),
        INSTALLATION: _json(installation_document(evidence.installation)),
        RESULTS: json_text(evidence.oq),
        "evidence/results.csv": csv_text(evidence.oq.results),
        "evidence/traceability.json": _json([_trace(t) for t in evidence.matrix.traces]),
        "evidence/reproducibility.json": _json(
            [{**asdict(rerun), "state": rerun.state} for rerun in evidence.reruns]
        ),
    }
    if evidence.tests.xml:
        texts["evidence/tests.xml"] = evidence.tests.xml
    for number, qualification in enumerate(evidence.pq, 1):
        texts[f"evidence/pq/{number}/{qualification.name}"] = qualification.text
        texts[f"evidence/pq/{number}/results.json"] = json_text(qualification.report)
        texts[f"evidence/pq/{number}/results.csv"] = csv_text(qualification.report.results)
    if evidence.changes is not None:
        texts["evidence/changes.json"] = drift_text(evidence.changes.drift) + "\n"
    for name in _TABLES:
        texts[f"evidence/tables/{name}"] = (parity_folder() / "tables" / name).read_text("utf-8")
    return texts


def csv_text(results: Sequence[CaseResult]) -> str:
    """Write every number of every case: what was expected, observed, and the difference."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("case", "verdict", "element", "expected", "observed", "absolute", "relative"))
    for result in results:
        head = (result.case.id, str(result.finding.verdict))
        for row in _numbers(result):
            writer.writerow((*head, *row))
    return out.getvalue()


def _numbers(result: CaseResult) -> Iterator[tuple[str, ...]]:
    if result.answer is None or result.observed is None:
        yield ("", "", "", "", "")
        return
    expected, observed = _short(result.answer.value), _short(result.observed)
    ours = _by_name(observed)
    for name, theirs in _by_name(expected).items():
        mine = ours.get(name)
        if mine is None:
            yield (name, repr(theirs), "", "", "")
            continue
        difference = abs(mine - theirs)
        size = max(abs(mine), abs(theirs))
        relative = difference / size if size else 0.0
        yield (name, repr(theirs), repr(mine), f"{difference:.3g}", f"{relative:.3g}")


def _short(value: Value) -> Value:
    return value.thinned() if value.is_long else value


def _by_name(value: Value) -> dict[str, float]:
    shape = value.numbers.shape
    axes = [_labels(names, size) for names, size in zip(value.names, shape, strict=True)]
    if value.numbers.ndim == 1:
        return dict(zip(axes[0], value.numbers.tolist(), strict=True))
    return {
        f"{row}, {column}": float(value.numbers[i, j])
        for i, row in enumerate(axes[0])
        for j, column in enumerate(axes[1])
    }


def _labels(names: Names, size: int) -> tuple[str, ...]:
    if names is not None and len(set(names)) == size:
        return names
    return tuple(str(i + 1) for i in range(size))


def _trace(trace: Trace) -> dict[str, Any]:
    requirement = trace.requirement
    return {
        "requirement": requirement.id,
        "text": requirement.text,
        "source": requirement.source,
        "acceptance": requirement.acceptance,
        "risk": asdict(requirement.risk),
        "class": risk_class(requirement.risk),
        "priority": priority(requirement.risk),
        "code": list(requirement.code),
        "guards": list(requirement.guards),
        "cases": {r.case.id: str(r.finding.verdict) for r in trace.results},
        "tests": {o.node: o.outcome for o in trace.tests},
        "tests_not_run": list(trace.tests_missing),
        "kinds": sorted(trace.kinds),
        "result": trace.result,
    }


def _json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
