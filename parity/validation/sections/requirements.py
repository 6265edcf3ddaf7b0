"""Risk, requirements and the traceability matrix."""

from parity.tolerances import Tolerance
from parity.validation.content import Column, Section, Text, table
from parity.validation.evidence import Evidence
from parity.validation.risk import DEPTHS, depth, priority, risk_class
from parity.validation.traceability import Trace


def risk(evidence: Evidence) -> Section:
    """Impact, likelihood, detectability, class, priority and depth, a requirement a row."""
    columns = (
        Column("Requirement", 1.5, "code"), Column("What a wrong answer would do", 2.4),
        Column("Impact", 0.7), Column("Likelihood", 0.8), Column("Detectability", 0.9),
        Column("Class", 0.5, "number"), Column("Priority", 0.7),
    )  # fmt: skip
    rows = []
    for trace in evidence.matrix.traces:
        r = trace.requirement
        levels = (r.risk.impact, r.risk.likelihood, r.risk.detectability)
        rows.append(
            (r.id, r.harm or "not assessed", *levels, str(risk_class(r.risk)), priority(r.risk))
        )
    asked = "; ".join(f"{name}: {depth_.words}" for name, depth_ in DEPTHS.items())
    return Section(
        "risk",
        "Risk",
        (
            Text(
                "Impact is that of a wrong answer which is used; likelihood that of an error in "
                "the code; detectability that by the user (low is bad). Impact and likelihood "
                "give the class (1 to 3), class and detectability the priority, by the tables of "
                f"GAMP 5. The priority asks for a depth of testing. {asked}. Kinds of evidence "
                "are R's answers (in cases, or recorded in named tests), independent sources, "
                "numbers in print, and other named tests."
            ),
            table(columns, rows, dense=True),
        ),
    )


def requirements(evidence: Evidence) -> Section:
    """Every requirement with source, acceptance and tolerances; every tolerance with its reason."""
    columns = (
        Column("Id", 1.3, "code"), Column("Requirement", 2.4), Column("Source", 1.8),
        Column("Acceptance", 2.2), Column("Tolerances", 1.1, "code"),
    )  # fmt: skip
    rows = []
    for trace in evidence.matrix.traces:
        r = trace.requirement
        used = sorted({result.case.tolerance for result in trace.results})
        rows.append((r.id, r.text, r.source, r.acceptance, ", ".join(used)))
    of_all = {result.case.tolerance for result in evidence.oq.results}
    tolerances = [
        (name, t.tier, allowed(t), t.reason) for name, t in evidence.oq.tolerances.items()
        if name in of_all
    ]  # fmt: skip
    return Section(
        "requirements",
        "Requirements",
        (table(columns, rows, dense=True),),
        parts=(
            Section(
                "tolerances",
                "Tolerances and their reasons",
                (
                    table(
                        (Column("Name", 1.2, "code"), Column("Tier", 0.9),
                         Column("Allowed difference", 1.4), Column("Reason", 4)),
                        tolerances, dense=True,
                    ),
                ),
            ),
        ),
        wide=True,
    )  # fmt: skip


def traceability(evidence: Evidence) -> Section:
    """From requirement to result, in one row each; then what belongs to nothing."""
    columns = (
        Column("Requirement", 1.3, "code"), Column("Priority", 0.6), Column("Code", 2.2, "code"),
        Column("Cases", 1.1), Column("Named tests", 1.0), Column("Evidence", 2.4),
        Column("Result", 1.2),
    )  # fmt: skip
    rows = [_row(trace) for trace in evidence.matrix.traces]
    matrix = evidence.matrix
    return Section(
        "traceability",
        "Traceability matrix",
        (
            table(columns, rows, verdict=6, dense=True),
            _listed("Requirements without evidence, or with less than their risk asks for",
                    [trace.requirement.id for trace in matrix.gaps]),
            _listed("Cases without a requirement", list(matrix.orphans)),
            _listed("Public names without a requirement", list(matrix.untraced)),
        ),
        wide=True,
    )  # fmt: skip


def allowed(tolerance: Tolerance) -> str:
    """Write what a tolerance allows."""
    text = f"{tolerance.absolute:g}"
    if tolerance.relative:
        text += f" + {tolerance.relative:g} × {tolerance.scale}"
    if tolerance.criterion:
        text += f"; criterion + {tolerance.criterion:g}"
    return text


def _row(trace: Trace) -> tuple[str, ...]:
    r = trace.requirement
    cases = ", ".join(f"{number} {verdict}" for verdict, number in trace.counts.items()) or "none"
    passed = sum(outcome.outcome == "passed" for outcome in trace.tests)
    tests = "none"
    if r.tests:
        tests = f"{passed} of {len(trace.tests)} passed" if trace.tests else "not run here"
    guards = f"; guarded by {', '.join(r.guards)}" if r.guards else ""
    kinds = ", ".join(sorted(trace.kinds)) or "none"
    asked = depth(r.risk)
    least = f"asked for: {asked.pieces} pieces, {asked.kinds} kinds"
    evidence = f"{kinds}; {least}{guards}"
    return (r.id, priority(r.risk), ", ".join(r.code), cases, tests, evidence, trace.result)


def _listed(title: str, names: list[str]) -> Text:
    if not names:
        return Text(f"{title}: none.", "good")
    return Text(f"{title}: {', '.join(names)}.", "bad")
