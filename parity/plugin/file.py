"""A case file as pytest collects it: the project's models, and who answers for R."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

import pytest

from parity.cases import Case
from parity.cases.project import ProjectCases, load_project
from parity.deviations import load_deviations
from parity.environment import r_environment
from parity.errors import ParityError
from parity.implementations import Native
from parity.oracles import Oracle
from parity.plugin.item import ParityItem
from parity.project_oracle import project_oracle
from parity.run import CaseResult, Runner
from parity.tolerances import Tolerance, load_tolerances

_SHOWN = ("R", "lme4", "Matrix", "bootmlm")


class ParityFile(pytest.File):
    """One ``parity_cases.toml``: an item a case, decided by one runner that keeps its fits."""

    def collect(self) -> Iterator[ParityItem]:
        """Read the file, its data and its references; fit the models, whose tags choose cases."""
        try:
            cases = self.project.cases
            if not self.config.option.collectonly:
                self.r_versions  # noqa: B018 (one error for the file, not one for every case)
        except ParityError as error:
            raise self.CollectError(str(error)) from error
        lines = _lines(self.path.read_text("utf-8"))
        for case in cases:
            line = None if case.model is None else lines.get(case.model.id.rpartition("/")[0])
            yield ParityItem.from_parent(self, name=case.id, case=case, line=line)

    def decide(self, case: Case) -> CaseResult:
        """Compare both sides of a case."""
        return self._runner.decide(case)

    def tolerance_of(self, case: Case) -> Tolerance:
        """Return the tolerance that judges a case."""
        return self._runner.tolerances[case.tolerance]

    def own_tolerance(self, case: Case) -> str:
        """Say which tolerance of the project's own judges a case, and why; empty if none does."""
        rule = self.project.tolerances.get(case.tolerance)
        return "" if rule is None else f"{rule.name}: {' '.join(rule.reason.split())}"

    @cached_property
    def project(self) -> ProjectCases:
        """What the file says."""
        return load_project(self.path)

    @cached_property
    def r_versions(self) -> str:
        """Which R answers, in one line."""
        environment = r_environment(self._oracle.environment())
        return ", ".join(f"{name} {environment[name]}" for name in _SHOWN if name in environment)

    @cached_property
    def _runner(self) -> Runner:
        tolerances = {**load_tolerances(), **self.project.tolerances}
        frames = self.project.frames
        return Runner(Native(), self._oracle, tolerances, load_deviations(), frames)

    @cached_property
    def _oracle(self) -> Oracle:
        options = self.config.option
        oracle = project_oracle(
            self.path, self.project, live=options.parity == "live",
            timeout=options.parity_timeout, rscript=options.parity_rscript,
        )  # fmt: skip
        self.config.add_cleanup(oracle.close)
        return oracle


def _lines(text: str) -> Mapping[str, int]:
    """Return where each model begins: the line of its id, from 0."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines()):
        matched = re.match(r"""\s*id\s*=\s*["'](.*?)["']""", line)
        if matched:
            found.setdefault(matched.group(1), number)
    return found
