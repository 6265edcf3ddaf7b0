"""What follows from the evidence: what fails, what is open, and one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass

from parity.validation.evidence import Evidence
from parity.verdict import Verdict


@dataclass(frozen=True)
class Conclusion:
    """What a reader has to know first.

    Attributes
    ----------
    failures
        What contradicts the requirements, or leaves one without evidence.
    open
        What a person has to look at, and to accept or not.
    draft
        Why this is a draft; nothing if it is not.
    """

    failures: tuple[str, ...]
    open: tuple[str, ...]
    draft: tuple[str, ...]
    headline: str

    @property
    def passed(self) -> bool:
        """Whether nothing fails."""
        return not self.failures

    @property
    def status(self) -> str:
        """The status of the document."""
        if self.draft:
            return f"Draft: {'; '.join(self.draft)}"
        return "Final, not signed"


def conclude(evidence: Evidence) -> Conclusion:
    """Draw the conclusion."""
    failures, unsettled = tuple(_failures(evidence)), tuple(_open(evidence))
    kept = sum(trace.result == "kept" for trace in evidence.matrix.traces)
    total = len(evidence.matrix.traces)
    cases = len(evidence.oq.results)
    if failures:
        headline = (
            f"The evidence does NOT support the requirements: {len(failures)} findings; {kept} of "
            f"{total} requirements are kept by {cases} cases"
        )
    else:
        headline = (
            f"The evidence supports the requirements: {kept} of {total} are kept by {cases} "
            f"cases; {len(unsettled)} open items"
        )
    return Conclusion(failures, unsettled, tuple(_draft(evidence)), headline)


def _failures(evidence: Evidence) -> Iterator[str]:
    yield from evidence.installation.problems
    for trace in evidence.matrix.traces:
        if trace.fails:
            yield f"requirement {trace.requirement.id}: {trace.result}"
    for name in evidence.matrix.orphans:
        yield f"case {name} is evidence for a requirement that does not exist"
    untraced = evidence.matrix.untraced
    if untraced:
        yield f"{len(untraced)} public names have no requirement: {', '.join(untraced)}"
    for name in evidence.oq.idle:
        yield f"deviation {name} is registered but concerns no case"
    for defect in evidence.defects:
        if defect.state.startswith("NOT"):
            yield f"probe {defect.case}: {defect.state}"
    for rerun in evidence.reruns:
        if rerun.difference and not rerun.about_blas:
            yield f"{rerun.quantity} {rerun.state} when computed {rerun.way}"
    for qualification in evidence.pq:
        failing = [r for r in qualification.report.results if r.finding.verdict.fails]
        for result in failing:
            yield f"PQ {qualification.name}: {result.case.id} is a {result.finding.verdict}"


def _open(evidence: Evidence) -> Iterator[str]:
    for trace in evidence.matrix.traces:
        if trace.result.startswith("open"):
            yield f"requirement {trace.requirement.id}: {trace.result}"
    if evidence.tests.why_not:
        yield f"the named tests were not run: {evidence.tests.why_not}"
    skipped = [outcome for outcome in evidence.tests.outcomes if outcome.outcome == "skipped"]
    if skipped:
        such = f"{skipped[0].node}: {skipped[0].said}"
        yield f"{len(skipped)} named tests were skipped, such as {such}"
    not_run = [r for r in evidence.oq.results if r.finding.verdict is Verdict.NOT_RUN]
    if not_run:
        yield f"{len(not_run)} cases were not run, such as {not_run[0].case.id}"
    for rerun in evidence.reruns:
        if rerun.difference and rerun.about_blas:
            yield f"{rerun.quantity} differs by {rerun.difference:.1e} under {rerun.way}"
    if not evidence.reruns:
        yield "nothing was computed again: reproducibility was not measured"
    if evidence.installation.r_why_not:
        yield f"R's packages were not looked at: {evidence.installation.r_why_not}"
    if not evidence.pq:
        yield "performance qualification: none was given; it is the user's own"
    if evidence.changes is not None and evidence.changes.superseded.problems:
        count = len(evidence.changes.superseded.problems)
        yield f"the superseded report was changed since it was written: {count} findings"


def _draft(evidence: Evidence) -> Iterator[str]:
    if evidence.selected:
        yield f"only {len(evidence.oq.results)} of {evidence.known_cases} cases were run"
    checkout = evidence.installation.checkout
    if checkout is not None and not checkout.clean:
        yield f"the software is a checkout ({checkout.state.removeprefix('open: ')})"
