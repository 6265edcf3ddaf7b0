"""The end of a run of pytest: what was explained, by whom R's answers are, what was loosened."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

_SUCH = 3


def print_summary(terminal: "pytest.TerminalReporter") -> None:
    """Print the section "parity"."""
    reports = [
        (report, dict(report.user_properties))
        for group in ("passed", "failed", "skipped")
        for report in terminal.stats.get(group, [])
        if any(name == "parity_verdict" for name, _ in getattr(report, "user_properties", ()))
    ]
    terminal.section("parity", sep="-")
    if not reports:
        terminal.line("no case was compared: no parity_cases.toml was collected with a case to run")
        return
    for line in _lines(reports):
        terminal.line(line)


def _lines(reports: list[tuple[Any, dict[str, Any]]]) -> Iterator[str]:
    counts: dict[str, int] = defaultdict(int)
    explained: dict[str, list[str]] = defaultdict(list)
    loosened: dict[str, None] = {}
    versions: dict[str, None] = {}
    for report, said in reports:
        counts[said["parity_verdict"]] += 1
        versions[said["parity_r"]] = None
        if "parity_tolerance" in said:
            loosened[said["parity_tolerance"]] = None
        if said["parity_verdict"] == "explained":
            explained[said["parity_reason"]].append(report.nodeid)
    yield ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    for reason, names in explained.items():
        yield f"explained: {reason}"
        yield from (f"    {name}" for name in names[:_SUCH])
        if len(names) > _SUCH:
            yield f"    and {len(names) - _SUCH} more"
    for text in loosened:
        yield f"the project's own tolerance: {text}"
    for text in versions:
        yield text
