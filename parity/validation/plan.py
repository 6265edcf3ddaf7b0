"""From what was asked for to all the evidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parity.cases import Case
from parity.errors import OracleError
from parity.implementation import Implementation
from parity.implementations import Native
from parity.oracles import Oracle
from parity.requirements import Requirement
from parity.session import compare_cases
from parity.validation.changes import Superseded, changes_since
from parity.validation.digest import results_digest
from parity.validation.evidence import Evidence
from parity.validation.identity import Identity
from parity.validation.iq import check_installation, probe_defects
from parity.validation.named_tests import (
    TestRun,
    all_names,
    folder_of_tests,
    read_junit,
    run_named_tests,
)
from parity.validation.pq import Qualification
from parity.validation.r_installation import RPackage, r_packages
from parity.validation.reruns import Rerun, rerun_all
from parity.validation.run_log import RunLog
from parity.validation.traceability import trace_all

SKIP, RUN = "skip", "run"


@dataclass(frozen=True)
class Plan:
    """What is to be examined.

    Attributes
    ----------
    cases, catalogue
        The cases to decide, and all there are.
    tests
        "run", "skip", or the path of a JUnit XML file.
    live
        Whether R is asked; then its packages are looked at too.
    selected
        The globs by which `cases` were chosen.
    again
        Whether results are computed again in other processes.
    """

    identity: Identity
    cases: Sequence[Case]
    catalogue: Sequence[Case]
    requirements: Mapping[str, Requirement]
    oracle: Oracle
    implementation: Implementation = field(default_factory=Native)
    tests: str = RUN
    live: bool = False
    rscript: str | None = None
    timeout: float = 300.0
    selected: tuple[str, ...] = ()
    again: bool = True
    references: Path | None = None


def gather(
    plan: Plan,
    log: RunLog,
    *,
    pq: Sequence[Qualification] = (),
    superseded: Superseded | None = None,
    watch: Callable[[Case], None] = lambda _case: None,
    say: Callable[[str], None] = lambda _text: None,
) -> Evidence:
    """Look, run, compare; every step is a line of the log.

    Parameters
    ----------
    watch
        Sees each case before its turn.
    say
        Is told what is being done.
    """
    log.add(f"started: {plan.identity.command}")
    say("operational qualification")
    oq = compare_cases(
        plan.cases, plan.implementation, plan.oracle, catalogue=plan.catalogue, watch=watch
    )
    log.add(f"{len(oq.results)} cases decided: {oq.headline}")
    say("installation qualification")
    packages, why_not = _r_side(plan)
    installation = check_installation(packages, why_not, plan.references)
    log.add(f"installation looked at: {len(installation.problems)} problems")
    say("named tests")
    tests = _tests(plan)
    log.add(tests.why_not or f"{len(tests.outcomes)} named tests read or run")
    reruns: tuple[Rerun, ...] = ()
    if plan.again:
        say("the same computation again")
        reruns = rerun_all()
        log.add(f"{len(reruns)} quantities computed again")
    for qualification in pq:
        log.add(f"PQ {qualification.name}: {qualification.report.headline}")
    changes = None
    if superseded is not None:
        changes = changes_since(superseded, oq, installation)
        log.add(f"compared with {superseded.report}: {len(changes.drift.changes)} cases moved")
    every = [*oq.results, *(r for q in pq for r in q.report.results)]
    return Evidence(
        identity=plan.identity,
        installation=installation,
        oq=oq,
        tests=tests,
        matrix=trace_all(plan.requirements, oq.results, tests),
        defects=probe_defects(oq.results),
        reruns=reruns,
        pq=tuple(pq),
        changes=changes,
        selected=plan.selected,
        known_cases=len(plan.catalogue),
        results=results_digest(every, tests.outcomes),
    )


def _r_side(plan: Plan) -> tuple[tuple[RPackage, ...], str]:
    if not plan.live:
        return (), "recorded references need no R"
    try:
        return r_packages(plan.rscript, plan.timeout), ""
    except OracleError as error:
        return (), str(error)


def _tests(plan: Plan) -> TestRun:
    if plan.tests == SKIP:
        return TestRun(why_not="`--tests skip` was asked for")
    if plan.tests == RUN:
        names = all_names(requirement.tests for requirement in plan.requirements.values())
        return run_named_tests(names, folder_of_tests(names))
    return read_junit(Path(plan.tests))
