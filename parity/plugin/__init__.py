"""What `--parity` adds to pytest: a project's case files are collected as tests."""

from collections.abc import Generator
from pathlib import Path

import pytest

from parity.cases.project import CASE_FILE
from parity.plugin.file import ParityFile
from parity.plugin.item import location_of_skip
from parity.plugin.summary import print_summary


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is compared with."""
    oracle = config.getoption("parity")
    command = config.getoption("parity_rscript")
    where = f" through '{command}'" if command and oracle == "live" else ""
    return f"parity: {oracle} R{where}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ParityFile | None:
    """Collect a case file."""
    if file_path.name != CASE_FILE:
        return None
    file: ParityFile = ParityFile.from_parent(parent, path=file_path)
    return file


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a case that was not run point at its line in the case file."""
    report = yield
    return location_of_skip(item, report)


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """List what is explained, and under which versions R answered."""
    print_summary(terminalreporter)
