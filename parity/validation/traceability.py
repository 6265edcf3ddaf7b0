"""From requirement to risk, code, cases, evidence and result: what is kept, and what is a gap."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parity.probes import probe_of
from parity.requirements import Requirement
from parity.run import CaseResult
from parity.validation.named_tests import TestOutcome, TestRun
from parity.validation.public_names import without_requirement
from parity.validation.risk import depth
from parity.verdict import Verdict

# Judges whose verdict rests on a source that is neither R nor us.
_INDEPENDENT = ("independent", "fifty_digits")


@dataclass(frozen=True)
class Trace:
    """One requirement with all that bears on it.

    Attributes
    ----------
    results
        Its cases, decided.
    tests
        Outcomes of the tests that it names.
    tests_missing
        Names of tests that were not run here.
    kinds
        Kinds of evidence that speak for it: "R", "independent", "print", "tests"; those of its
        guards count.
    result
        "kept", "NOT KEPT", "NO EVIDENCE", "LESS THAN ITS RISK ASKS FOR", or "open: ..." where the
        evidence is named but was not produced here.
    """

    requirement: Requirement
    results: tuple[CaseResult, ...]
    tests: tuple[TestOutcome, ...]
    tests_missing: tuple[str, ...]
    kinds: frozenset[str]
    result: str

    @property
    def fails(self) -> bool:
        """Whether the requirement is not kept, or not shown to be."""
        return not self.result.startswith(("kept", "open"))

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """Number of cases by verdict, those that occur."""
        found = Counter(result.finding.verdict for result in self.results)
        return {verdict: found[verdict] for verdict in Verdict if found[verdict]}


@dataclass(frozen=True)
class Matrix:
    """Every requirement, and what belongs to none.

    Attributes
    ----------
    orphans
        Ids of cases whose requirement does not exist.
    untraced
        Public names that no requirement names.
    """

    traces: tuple[Trace, ...]
    orphans: tuple[str, ...]
    untraced: tuple[str, ...]

    @property
    def gaps(self) -> tuple[Trace, ...]:
        """Requirements without evidence, or with less than their risk asks for."""
        return tuple(t for t in self.traces if t.result.startswith(("NO", "LESS")))

    def of(self, name: str) -> Trace:
        """Return the trace of one requirement."""
        return next(trace for trace in self.traces if trace.requirement.id == name)


def trace_all(
    requirements: Mapping[str, Requirement], results: Sequence[CaseResult], tests: TestRun
) -> Matrix:
    """Lay cases and tests beside the requirements they are evidence for."""
    by_requirement: dict[str, list[CaseResult]] = {name: [] for name in requirements}
    orphans = []
    for result in results:
        if result.case.requirement in by_requirement:
            by_requirement[result.case.requirement].append(result)
        else:
            orphans.append(result.case.id)
    kinds = {name: _kinds(found) for name, found in by_requirement.items()}
    traces = [
        _trace(requirement, by_requirement[name], tests, kinds)
        for name, requirement in requirements.items()
    ]
    return Matrix(tuple(traces), tuple(orphans), without_requirement(requirements.values()))


def kind_of(result: CaseResult) -> str:
    """Say whose answer a case was compared with: "R", "independent" or "print".

    A case without an answer is evidence of no kind: the text is empty.
    """
    if result.answer is None:
        # R's registered error, which we answer, is R's word all the same.
        return "R" if result.finding.verdict is Verdict.EXPLAINED else ""
    if probe_of(result.case.quantity).judge in _INDEPENDENT:
        return "independent"
    return "print" if result.answer.oracle == "published" else "R"


def kind_of_test(node: str) -> str:
    """Say what a named test compares with, which the names of the files tell.

    Examples
    --------
    >>> kind_of_test("tests/lmm/test_summary_against_r.py::test_x")
    'R'
    >>> kind_of_test("tests/lmm/test_fit_published.py"), kind_of_test("tests/lmm/test_fit.py")
    ('print', 'tests')
    """
    name = node.partition("::")[0]
    if name.endswith("_against_r.py"):
        return "R"
    return "print" if name.endswith("_published.py") else "tests"


def _kinds(results: Iterable[CaseResult]) -> frozenset[str]:
    speaking = (r for r in results if r.finding.verdict in (Verdict.MATCH, Verdict.EXPLAINED))
    return frozenset(kind for result in speaking if (kind := kind_of(result)))


def _trace(
    requirement: Requirement,
    results: Sequence[CaseResult],
    tests: TestRun,
    kinds_of: Mapping[str, frozenset[str]],
) -> Trace:
    outcomes = {o.node: o for name in requirement.tests for o in tests.of(name)}
    missing = tuple(name for name in requirement.tests if not tests.of(name))
    kinds = set(kinds_of[requirement.id])
    for guard in requirement.guards:
        kinds |= kinds_of.get(guard, frozenset())
    kinds |= {kind_of_test(o.node) for o in outcomes.values() if o.outcome == "passed"}
    return Trace(
        requirement,
        tuple(results),
        tuple(outcomes.values()),
        missing,
        frozenset(kinds),
        _result(requirement, results, tuple(outcomes.values()), missing, frozenset(kinds)),
    )


def _result(
    requirement: Requirement,
    results: Sequence[CaseResult],
    outcomes: Sequence[TestOutcome],
    missing: Sequence[str],
    kinds: frozenset[str],
) -> str:
    failing = sum(result.finding.verdict.fails for result in results)
    broken = sum(outcome.outcome == "failed" for outcome in outcomes)
    if failing or broken:
        return f"NOT KEPT: {failing} cases and {broken} tests fail"
    speaking = sum(bool(_kinds([result])) for result in results)
    speaking += sum(outcome.outcome == "passed" for outcome in outcomes)
    asked = depth(requirement.risk)
    if speaking >= asked.pieces and len(kinds) >= asked.kinds:
        return "kept"
    if missing:
        return f"open: {len(missing)} named tests were not run here"
    if speaking == 0:
        return "NO EVIDENCE"
    return f"LESS THAN ITS RISK ASKS FOR: {speaking} pieces of {len(kinds)} kinds"
