"""A failed case in a terminal: the verdict, what was asked, both answers, the evidence."""

from collections.abc import Iterator

from parity.oracles import Answer
from parity.probes import probe_of
from parity.report.tables import Cell, row_of
from parity.run import CaseResult
from parity.tolerances import Tolerance

_SCALES = {
    "element": "the number itself",
    "column": "the largest of its column",
    "value": "the largest of all",
}
_HEADINGS = Cell("", "R", "Python", "difference")


def failure_text(result: CaseResult, tolerance: Tolerance, again: str) -> str:
    """Write what a reader needs to judge the case."""
    return "\n".join(_lines(result, tolerance, again))


def _lines(result: CaseResult, tolerance: Tolerance, again: str) -> Iterator[str]:
    finding, row, probe = result.finding, row_of(result), probe_of(result.case.quantity)
    yield f"{finding.verdict}: {finding.reason}"
    yield ""
    facts = {
        "model": row.formula,
        "inputs": row.inputs,
        "quantity": probe.what,
        "in R": probe.r,
        "in Python": probe.python,
        "tolerance": _tolerance(tolerance),
        "differs by": _use(result),
        "R": _answered(result.answer),
    }
    for name, text in facts.items():
        if text:
            yield f"  {name:<10} {text}"
    if row.cells:
        yield ""
        yield from _table(row.cells)
        if row.hidden:
            yield f"  and {row.hidden} more"
    # A traceback of the harness would hide the message that matters.
    evidence = {k: v for k, v in finding.evidence.items() if k != "traceback"}
    if evidence:
        yield ""
        yield from (f"  {name}: {text}" for name, text in evidence.items())
    if "not been recorded" in finding.reason or "are not those of its record" in finding.reason:
        yield ""
        yield f"  `{again}` records the references of this file anew"


def _tolerance(tolerance: Tolerance) -> str:
    return (
        f"{tolerance.name}: {tolerance.absolute:g} + {tolerance.relative:g} of "
        f"{_SCALES[tolerance.scale]}"
    )


def _use(result: CaseResult) -> str:
    comparison = result.finding.comparison
    if comparison is None or not comparison.comparable or not comparison.use:
        return ""
    return f"{comparison.use:.3g} times the tolerance"


def _answered(answer: Answer | None) -> str:
    if answer is None:
        return ""
    packages = ("R", "lme4", "Matrix", "bootmlm")
    versions = [f"{name} {answer.versions[name]}" for name in packages if name in answer.versions]
    return f"{', '.join(versions)} ({answer.oracle})"


def _table(cells: tuple[Cell, ...]) -> Iterator[str]:
    rows = [_HEADINGS, *cells]
    widths = [
        max(len(getattr(row, name)) for row in rows)
        for name in ("name", "expected", "observed", "difference")
    ]
    for row in rows:
        texts = (row.expected, row.observed, row.difference)
        numbers = "  ".join(
            text.rjust(width) for text, width in zip(texts, widths[1:], strict=True)
        )
        yield f"  {row.name.ljust(widths[0])}  {numbers}"
