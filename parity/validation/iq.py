"""Installation qualification: what is installed, file by file, and whether it was altered."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pybootmlm
from parity.environment import python_environment
from parity.paths import parity_folder, recorded_folder
from parity.run import CaseResult
from parity.validation.checkout import Checkout, check_checkout
from parity.validation.distributions import (
    ROOT,
    DistributionState,
    all_distributions,
    check_distribution,
    dependencies,
    lists_file,
)
from parity.validation.machine import machine
from parity.validation.r_installation import RPackage
from parity.validation.reference_files import ReferenceFiles, check_references
from parity.verdict import Verdict


@dataclass(frozen=True)
class Defect:
    """A probe for a known defect of the reference, lme4's refit.

    Attributes
    ----------
    state
        "absent", or "present: ..." with what it does to the answers.
    """

    case: str
    versions: str
    state: str
    evidence: Mapping[str, str]


@dataclass(frozen=True)
class Installation:
    """What is installed.

    Attributes
    ----------
    under_test
        The distribution of pybootmlm.
    checkout
        The working copy in use, where the package is not the installed one; None if it is.
    everything
        Name, version and digest of every distribution of this Python.
    r_packages
        Of the live R; empty with recorded references only.
    r_why_not
        Why R was not asked.
    """

    under_test: DistributionState
    checkout: Checkout | None
    dependencies: tuple[DistributionState, ...]
    everything: tuple[tuple[str, str, str], ...]
    references: ReferenceFiles
    r_packages: tuple[RPackage, ...]
    r_why_not: str
    versions: Mapping[str, str]
    machine: Mapping[str, str]

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences on whatever is not what was installed or recorded."""
        found = []
        for state in (self.under_test, *self.dependencies):
            found += [f"{state.name}: {file.path} is {file.state}" for file in state.wrong]
        found += [f"reference file {f.path} is {f.state}" for f in self.references.wrong]
        return tuple(found)


def check_installation(
    r_packages: Sequence[RPackage] = (), r_why_not: str = "", references: Path | None = None
) -> Installation:
    """Look at every file of pybootmlm, of what it needs, and of the recorded references."""
    source = Path(pybootmlm.__file__)
    root = parity_folder().parent
    checkout = None if lists_file(ROOT, source) else check_checkout(root)
    declared = None if checkout is None else _declared(root / "pyproject.toml")
    return Installation(
        under_test=check_distribution(ROOT),
        checkout=checkout,
        dependencies=tuple(check_distribution(name) for name in dependencies(declared)),
        everything=all_distributions(),
        references=check_references(recorded_folder() if references is None else references),
        r_packages=tuple(r_packages),
        r_why_not=r_why_not,
        versions=python_environment(),
        machine=machine(),
    )


def probe_defects(results: Sequence[CaseResult]) -> tuple[Defect, ...]:
    """Read off the cases whether the reference's refit moves an optimum that must not move."""
    found = []
    for result in results:
        if result.case.quantity != "refit_same" or result.answer is None:
            continue
        finding, versions = result.finding, result.answer.versions
        named = ", ".join(f"{p} {versions[p]}" for p in ("R", "lme4") if p in versions)
        if finding.verdict is Verdict.EXPLAINED:
            state = f"present: explained by deviation {finding.deviation}"
        elif finding.verdict is Verdict.MATCH:
            state = "absent"
        else:
            state = f"NOT EXPLAINED: {finding.reason}"
        found.append(Defect(result.case.id, named, state, finding.evidence))
    return tuple(found)


def _declared(pyproject: Path) -> list[str] | None:
    """Requirements of a checkout; its installed metadata may be older than its files."""
    if not pyproject.is_file():
        return None
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    texts = [text for name, texts in extras.items() if name != "dev" for text in texts]
    return [*project.get("dependencies", []), *texts]
