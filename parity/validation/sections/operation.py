"""Operational qualification: every case, passing ones too, a table a requirement."""

from collections.abc import Iterable, Sequence

from parity.probes import probe_of
from parity.run import CaseResult
from parity.validation.content import Block, Column, Form, Section, Text, table, tone_of
from parity.validation.evidence import Evidence
from parity.validation.named_tests import TestOutcome
from parity.validation.pq import Qualification
from parity.validation.traceability import Trace, kind_of
from parity.verdict import Verdict

COLUMNS = (
    Column("Case", 2.7, "code"), Column("Input", 0.75, "code"), Column("n", 0.45, "number"),
    Column("Worst at", 1.2, "code"), Column("Expected", 1.05, "number"),
    Column("Observed", 1.05, "number"), Column("|diff|", 0.72, "number"),
    Column("relative", 0.78, "number"), Column("LRE", 0.5, "number"),
    Column("Tolerance", 1.0, "code"), Column("Verdict", 0.7), Column("Note", 0.42),
    Column("s", 0.95, "number"),
)  # fmt: skip
_CALLS = (
    Column("Quantity", 1, "code"), Column("In R", 2.2, "code"), Column("In Python", 2.2, "code"),
)  # fmt: skip
_TESTS = (
    Column("Named tests", 2.4, "code"), Column("passed", 0.5, "number"),
    Column("failed", 0.5, "number"), Column("skipped", 0.5, "number"),
    Column("Which did not pass", 2.4), Column("Result", 0.6),
)  # fmt: skip
_INDEPENDENT = ("independent", "print")


def oq(evidence: Evidence) -> Section:
    """All cases, by requirement."""
    counts = evidence.oq.counts
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
    return Section(
        "oq",
        "Operational qualification",
        (
            Text(
                f"{len(evidence.oq.results)} cases: {said}. Each asks R, or an independent source, "
                "and pybootmlm for one quantity of one model. Estimates other than the optimum are "
                "compared at R's theta, so that the place where an optimiser stopped can neither "
                "hide nor fake a difference; optima are judged one-sidedly, by the criterion."
            ),
            Text(
                "A row shows the element that uses most of its tolerance. Input: the first eight "
                "digits of the sha256 of the question. LRE: decimal digits on which both agree. "
                "Note: w, a side warned; n, a note explains the verdict (all in full in "
                "evidence/results.json; every number in evidence/results.csv). s: seconds, R's and "
                "ours.",
                "soft",
            ),
        ),
        parts=tuple(_part(trace) for trace in evidence.matrix.traces),
        wide=True,
    )


def independent(evidence: Evidence) -> Section:
    """What guards against an error that both engines share."""
    rows = []
    for trace in evidence.matrix.traces:
        for result in trace.results:
            if kind_of(result) in _INDEPENDENT:
                rows.append(_independent_row(result))
    columns = (
        Column("Case", 2.4, "code"), Column("Source", 3), Column("Our digits", 0.8, "number"),
        Column("R's digits", 1.2), Column("Verdict", 0.8),
    )  # fmt: skip
    return Section(
        "independent",
        "Independent oracles",
        (
            Text(
                "Agreement with R shows nothing where both are wrong in the same way. These "
                "cases compare with sources that are neither: NIST's certified analyses of "
                "variance, of which the variance components of a balanced random-intercept model "
                "follow in closed form; exact rational arithmetic on the same numbers; dense "
                "textbook algebra; 50-digit arithmetic; tables in print. Digits are decimal "
                "digits of the worst element (LRE); R's stand beside ours where R answered the "
                "same question."
            ),
            table(columns, rows, verdict=4, dense=True),
        ),
        wide=True,
    )


def pq(evidence: Evidence) -> Section:
    """The user's own models, or what to do to have them here."""
    kit = Text(
        "Performance qualification is the user's own: models and data as they will be used, named "
        "in a case file (parity_cases.toml) and given with `--pq FILE`. They go through the same "
        "machinery, tolerances and verdicts."
    )
    if not evidence.pq:
        blocks = (kit, Text("None was given.", "soft"), _acceptance())
        return Section("pq", "Performance qualification kit", blocks)
    parts = tuple(_qualification(n, q) for n, q in enumerate(evidence.pq, 1))
    return Section("pq", "Performance qualification", (kit, _acceptance()), parts, wide=True)


def _qualification(number: int, qualification: Qualification) -> Section:
    report = qualification.report
    said = ", ".join(f"{n} {v}" for v, n in report.counts.items() if n)
    passed = not any(result.finding.verdict.fails for result in report.results)
    blocks: tuple[Block, ...] = (
        Text(f"{len(report.results)} cases: {said}.", "good" if passed else "bad"),
        Text(f"sha256 of the file: {qualification.sha256}", "soft"),
        table(("Model", "Formula", "Data"), qualification.formulas),
        table(COLUMNS, [row(r) for r in report.results], verdict=10, dense=True),
        *_notes(report.results),
    )
    return Section(f"pq-{number}", qualification.name, blocks)


def row(result: CaseResult) -> tuple[str, ...]:
    """Write a case as a row under `COLUMNS`."""
    case, finding, comparison = result.case, result.finding, result.finding.comparison
    worst = None if comparison is None else comparison.worst
    numbers = ("", "", "", "", "", "", "")
    if comparison is not None:
        numbers = (
            str(comparison.count),
            "" if worst is None else worst.where,
            "" if worst is None else f"{worst.expected:.8g}",
            "" if worst is None else f"{worst.observed:.8g}",
            _small(comparison.max_abs),
            _small(comparison.max_rel),
            f"{comparison.digits:.1f}",
        )
    return (
        case.id, case.digest[:8], *numbers, case.tolerance, str(finding.verdict),
        _note(result), _seconds(result),
    )  # fmt: skip


def _part(trace: Trace) -> Section:
    r = trace.requirement
    blocks: list[Block] = [
        Text(r.text),
        Text(f"Accepted when: {r.acceptance}", "soft"),
        Text(f"Result: {trace.result}.", tone_of(trace.result)),
    ]
    calls = {result.case.quantity: probe_of(result.case.quantity) for result in trace.results}
    if calls:
        blocks.append(
            table(
                _CALLS,
                [(name, probe.r, probe.python) for name, probe in calls.items()],
            )
        )
        rows = [row(result) for result in trace.results]
        blocks.append(table(COLUMNS, rows, verdict=10, dense=True))
        blocks += _notes(trace.results)
    if r.tests:
        blocks.append(_tests(trace))
    return Section(f"oq-{r.id}", r.id, tuple(blocks))


def _tests(trace: Trace) -> Block:
    if not trace.tests:
        return Text(f"Named tests, not run here: {', '.join(trace.requirement.tests)}.", "soft")
    by_file: dict[str, list[TestOutcome]] = {}
    for outcome in trace.tests:
        by_file.setdefault(outcome.node.partition("::")[0], []).append(outcome)
    rows = []
    for name, outcomes in by_file.items():
        counts = {k: sum(o.outcome == k for o in outcomes) for k in ("passed", "failed", "skipped")}
        others = [
            f"{o.node.partition('::')[2]}: {o.said}" for o in outcomes if o.outcome != "passed"
        ]
        state = "FAILED" if counts["failed"] else "passed" if counts["passed"] else "skipped"
        rows.append((name, *(str(counts[k]) for k in counts), "; ".join(others[:5]), state))
    return table(_TESTS, rows, verdict=5, dense=True)


def _independent_row(result: CaseResult) -> tuple[str, ...]:
    finding, answer = result.finding, result.answer
    comparison = finding.comparison
    source = ""
    if answer is not None:
        source = answer.versions.get("source") or answer.versions.get("printed in", "")
    ours = "" if comparison is None else f"{comparison.digits:.1f}"
    ours = finding.evidence.get("digits reached by us", ours)
    theirs = finding.evidence.get("digits reached by R", "")
    if finding.ruling is not None:
        source = "50-digit arithmetic"
        row = next((r for r in finding.ruling.rows if r[0].startswith("digits")), None)
        if row is not None:
            digits = dict(zip(finding.ruling.columns, row[1:], strict=True))
            ours, theirs = digits.get("Python", ours), digits.get("R", theirs)
    return (result.case.id, source, ours, theirs, str(finding.verdict))


def _notes(results: Sequence[CaseResult]) -> Iterable[Block]:
    """Say once why cases that do not simply match have their verdicts."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for result in results:
        if result.finding.verdict is not Verdict.MATCH:
            key = (str(result.finding.verdict), result.finding.reason)
            reasons.setdefault(key, []).append(result.case.id)
    if not reasons:
        return ()
    rows = [
        (verdict, reason, f"{len(ids)}: {', '.join(ids[:6])}{', ...' if len(ids) > 6 else ''}")
        for (verdict, reason), ids in reasons.items()
    ]
    columns = (Column("Verdict", 0.6), Column("Why", 3), Column("Cases", 2.4, "code"))
    return (table(columns, rows, verdict=0, dense=True),)


def _note(result: CaseResult) -> str:
    warned = "Python warned" in result.finding.evidence
    if result.answer is not None and (result.answer.warnings or result.answer.messages):
        warned = True
    marks = ["w"] if warned else []
    if result.finding.verdict is not Verdict.MATCH:
        marks.append("n")
    return " ".join(marks)


def _small(x: float) -> str:
    return f"{x:.1e}" if x else "0"


def _seconds(result: CaseResult) -> str:
    seconds = 0.0 if result.answer is None else result.answer.seconds
    theirs = f"{seconds:.2f}, " if seconds else ""
    return f"{theirs}{result.seconds_python:.3f}"


def _acceptance() -> Form:
    questions = (
        "Intended use and models in scope", "Data and their source", "Acceptance criteria",
        "Deviations accepted", "Conclusion",
    )  # fmt: skip
    columns = (Column("To be completed by the user", 1.2), Column("Answer", 3))
    return Form(columns, tuple((question, "") for question in questions))
