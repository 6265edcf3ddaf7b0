"""Reproducibility, deviations, conclusion, change log."""

from collections import Counter
from collections.abc import Sequence

from parity.drift import Change
from parity.run import CaseResult
from parity.validation.conclusion import Conclusion
from parity.validation.content import Block, Column, Facts, Form, Section, Text, table
from parity.validation.evidence import Evidence
from parity.verdict import Verdict

_SHOWN = 60


def reproducibility(evidence: Evidence) -> Section:
    """Seeds and kinds, the same computation again, threads, R's versions."""
    columns = (
        Column("Computed again", 1.8), Column("Quantity", 1.6), Column("Numbers", 0.6, "number"),
        Column("Every bit", 1),
    )  # fmt: skip
    rows = [(r.way, r.quantity, str(r.count), r.state) for r in evidence.reruns]
    again: Block = table(columns, rows, verdict=3, dense=True)
    if not rows:
        again = Text("Nothing was computed again in this run.", "soft")
    kinds = tuple((k, evidence.oq.r[k]) for k in evidence.oq.r if k.startswith("RNG"))
    return Section(
        "reproducibility",
        "Reproducibility",
        (
            Text(
                "Random numbers are those of R's generators, bit by bit (requirement rng.streams), "
                "or NumPy's, spawned for each replicate; each case states its seed "
                "(evidence/results.json). R's kinds in this run:"
            ),
            Facts(kinds),
            again,
            Text("R's versions that answered, and how many cases each:"),
            table(("R's side", "Cases"), _by_version(evidence.oq.results)),
            Text(
                "Another R, or another operating system, is measured by making the report there "
                "(`--oracle live --rscript COMMAND`) with `--supersedes` this one: the change log "
                "shows what moved and by how much.",
                "soft",
            ),
        ),
    )


def deviations(evidence: Evidence) -> Section:
    """Registered differences, each with its disposition; what was explained case by case."""
    seen: dict[str, list[CaseResult]] = {}
    loose: dict[str, list[CaseResult]] = {}
    for result in evidence.oq.results:
        if result.finding.verdict is Verdict.EXPLAINED:
            name = result.finding.deviation
            (seen if name else loose).setdefault(name or result.finding.reason, []).append(result)
    rows = []
    for entry in evidence.oq.deviations:
        found = seen.get(entry.id, [])
        versions = ", ".join(f"{package} {bounds}" for package, bounds in entry.packages.items())
        state = f"present: {len(found)} cases" if found else "not met by this reference"
        rows.append(
            (entry.id, f"{entry.title}. {entry.cause}", versions, entry.instead, state, "", "")
        )
    columns = (
        Column("Id", 1.3, "code"), Column("Difference and cause", 3), Column("Versions", 0.8),
        Column("What pybootmlm does instead", 1.6), Column("In this run", 0.8),
        Column("Disposition", 0.9), Column("Approver", 0.9),
    )  # fmt: skip
    others = [(reason, str(len(found)), found[0].case.id) for reason, found in loose.items()]
    not_run = [
        (r.case.id, r.finding.reason)
        for r in evidence.oq.results
        if r.finding.verdict is Verdict.NOT_RUN
    ]
    return Section(
        "deviations",
        "Deviations",
        (
            Text(
                "Differences between R and pybootmlm that are registered, with the versions of R's "
                "packages that have them. Where a case is explained by one, the proof ran in this "
                "run and showed that it alone accounts for the difference; an entry that claims a "
                "case which agrees without it fails the run. Disposition and approver are the "
                "user's."
            ),
            Form(columns, tuple(rows)),
        ),
        parts=(
            Section(
                "explained",
                "Differences explained by evidence of the case",
                (table(("Evidence", Column("Cases", 0.3, "number"), "Such as"), others),)
                if others
                else (Text("None.", "good"),),
            ),
            Section(
                "not-run",
                "Cases that were not run",
                (table((Column("Case", 1, "code"), Column("Why", 2)), not_run, dense=True),)
                if not_run
                else (Text("None.", "good"),),
            ),
        ),
        wide=True,
    )


def conclusion(evidence: Evidence, drawn: Conclusion) -> Section:
    """Counts, findings, open items, and the sentence that a person completes."""
    counts = tuple((str(verdict), str(number)) for verdict, number in evidence.oq.counts.items())
    tests = evidence.tests.outcomes
    named = {k: sum(o.outcome == k for o in tests) for k in ("passed", "failed", "skipped")}
    said = ", ".join(f"{n} {k}" for k, n in named.items()) if tests else "not run here"
    if evidence.tests.source:
        said += f" ({evidence.tests.source})"
    blocks: list[Block] = [
        Text(drawn.headline + ".", "good" if drawn.passed else "bad"),
        Facts((*counts, ("named tests", said))),
        *_list("Findings", drawn.failures),
        *_list("Open items", drawn.open),
        Form(
            (Column("To be completed by a person", 3), Column("Name, date, signature", 1.4)),
            (
                (
                    "On this evidence, with the open items and deviations above accepted / not "
                    "accepted, the software is / is not suitable for the intended use:",
                    "",
                ),
                ("", ""),
            ),
        ),
    ]
    return Section("conclusion", "Conclusion", tuple(blocks))


def change_log(evidence: Evidence) -> Section:
    """What moved since the superseded report."""
    changes = evidence.changes
    if changes is None:
        nothing = Text("This report supersedes none (`--supersedes DIR` names one).", "soft")
        return Section("changes", "Change log", (nothing,))
    superseded, drift = changes.superseded, changes.drift
    blocks: list[Block] = [
        Facts(
            (
                ("Superseded report", superseded.report),
                ("Its results", superseded.results),
                ("Its digest", superseded.digest),
                (
                    "Results",
                    "identical"
                    if superseded.results == evidence.results
                    else f"{len(drift.changes)} cases moved, {drift.unchanged} did not",
                ),
            )
        ),
        *_list("Changed in its folder since it was written", superseded.problems),
    ]
    if drift.versions:
        rows = [(v.side, v.name, v.before or "none", v.after or "none") for v in drift.versions]
        blocks.append(table(("Side", "Version of", "Before", "After"), rows, dense=True))
    if changes.installed:
        blocks.append(table(("Installed", "Before", "After"), changes.installed, dense=True))
    if drift.changes:
        columns = (
            Column("Case", 2, "code"), Column("Kind", 0.7), Column("What", 2),
            Column("times the tolerance", 0.8, "number"),
        )  # fmt: skip
        shown = [_change(change) for change in drift.changes[:_SHOWN]]
        blocks.append(table(columns, shown, dense=True))
        if len(drift.changes) > _SHOWN:
            rest = len(drift.changes) - _SHOWN
            blocks.append(Text(f"and {rest} more, all in evidence/changes.json", "soft"))
    return Section("changes", "Change log", tuple(blocks), wide=True)


def _change(change: Change) -> tuple[str, ...]:
    return (change.id, str(change.kind), change.what, f"{change.size:.2g}")


def _by_version(results: Sequence[CaseResult]) -> list[tuple[str, str]]:
    found: Counter[str] = Counter()
    for result in results:
        if result.answer is not None and "R" in result.answer.versions:
            versions = result.answer.versions
            packages = [p for p in ("R", "lme4", "Matrix") if p in versions]
            named = ", ".join(f"{package} {versions[package]}" for package in packages)
            found[f"{result.answer.oracle}: {named}"] += 1
    return [(name, str(number)) for name, number in sorted(found.items())]


def _list(title: str, items: Sequence[str]) -> tuple[Block, ...]:
    if not items:
        return (Text(f"{title}: none.", "good"),)
    rows = [(str(i), item) for i, item in enumerate(items, 1)]
    return (table((Column("No.", 0.24, "number"), Column(title, 4)), rows),)
