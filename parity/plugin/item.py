"""One case as a test: it passes, is skipped with a reason, or fails with the evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parity.cases import Case
from parity.errors import ParityError
from parity.plugin.text import failure_text
from parity.project_oracle import record_again
from parity.run import CaseResult
from parity.verdict import Verdict

if TYPE_CHECKING:
    from parity.plugin.file import ParityFile


class FailedCaseError(Exception):
    """A case whose verdict fails."""

    def __init__(self, result: CaseResult, text: str) -> None:
        super().__init__(f"{result.finding.verdict}: {result.finding.reason}")
        self.text = text


class ParityItem(pytest.Item):
    """A test whose name is the id of its case."""

    def __init__(self, *, case: Case, line: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        self.line = line

    def runtest(self) -> None:
        """Compare both sides."""
        file = self._file()
        result = file.decide(self.case)
        finding = result.finding
        self.user_properties.append(("parity_verdict", str(finding.verdict)))
        self.user_properties.append(("parity_reason", finding.reason))
        self.user_properties.append(("parity_r", file.r_versions))
        if finding.comparison is not None and finding.verdict is Verdict.MATCH:
            self.user_properties.append(("parity_digits", f"{finding.comparison.digits:.1f}"))
        own = file.own_tolerance(self.case)
        if own:
            self.user_properties.append(("parity_tolerance", own))
        if finding.verdict is Verdict.NOT_RUN:
            pytest.skip(finding.reason)
        if finding.verdict.fails:
            tolerance = file.tolerance_of(self.case)
            raise FailedCaseError(result, failure_text(result, tolerance, record_again(self.path)))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show a verdict and its evidence; a traceback only of what is not a verdict."""
        if isinstance(excinfo.value, FailedCaseError):
            return excinfo.value.text
        if isinstance(excinfo.value, ParityError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the case comes from: its model's line in the file."""
        return self.path, self.line, self.name

    def _file(self) -> "ParityFile":
        parent: Any = self.parent
        file: ParityFile = parent
        return file


def location_of_skip(item: pytest.Item, report: pytest.TestReport) -> pytest.TestReport:
    """Let the reason of a case that was not run point at the case, not at this file."""
    if isinstance(item, ParityItem) and report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (str(item.path), (item.line or 0) + 1, report.longrepr[2])
    return report
