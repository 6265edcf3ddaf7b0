"""The verdict table in a terminal, what was explained, and what failed."""

import re
from collections import defaultdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from parity.report.content import Report
from parity.report.matrix import Tally, build_matrix
from parity.run import CaseResult
from parity.verdict import Cause, Verdict

STYLES = {
    Verdict.MATCH: "green",
    Verdict.EXPLAINED: "cyan",
    Verdict.MISMATCH: "bold red",
    Verdict.R_ERROR: "bold red",
    Verdict.PYTHON_ERROR: "bold red",
    Verdict.NOT_RUN: "yellow",
}
_MARKS = {
    Verdict.MATCH: "",
    Verdict.EXPLAINED: "e",
    Verdict.MISMATCH: " MISMATCH",
    Verdict.R_ERROR: " R ERROR",
    Verdict.PYTHON_ERROR: " PY ERROR",
    Verdict.NOT_RUN: " not run",
}
_FAILURES_SHOWN = 20
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CELL = 10


def shown(text: str) -> str:
    """Write control characters out: a level or a message of R's must not steer the terminal."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def print_report(report: Report, console: Console) -> None:
    """Print the table, the explanations, the failures and the environment."""
    console.print(_table(report, console.width))
    console.print(
        "[green]4[/] cases match, [cyan]2e[/] differ and are explained; digits: the least "
        "agreement of a quantity's matches\n",
        style="dim",
        highlight=False,
    )
    _print_explained(report, console)
    _print_failures(report, console)
    print_versions(report, console)


def print_versions(report: Report, console: Console) -> None:
    """Print what both sides are, and the headline."""
    for side, versions in (("Python", report.python), ("R", report.r)):
        text = ", ".join(f"{name} {value}" for name, value in versions.items())
        console.print(f"{side}: {text}", style="dim", highlight=False, markup=False)
    if report.recorded:
        console.print(
            f"{report.recorded} of R's answers are recorded references",
            style="dim",
            highlight=False,
        )
    style = "bold green" if report.passed else "bold red"
    console.print(f"{report.headline} in {report.seconds:.1f} s", style=style, highlight=False)


def _table(report: Report, width: int) -> Table:
    matrix = build_matrix(report.results, widest=max(3, (width - 28) // _CELL))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("quantity", no_wrap=True)
    for name in (*matrix.columns, "digits"):
        table.add_column(escape(shown(name)), justify="right")
    for row in matrix.rows:
        digits = "" if row.total.digits is None else f"{row.total.digits:.1f}"
        table.add_row(row.quantity, *(_cell(tally) for tally in row.cells), digits)
    return table


def _cell(tally: Tally | None) -> str:
    if tally is None:
        return "[dim]·[/]"
    return " ".join(f"[{STYLES[v]}]{number}{_MARKS[v]}[/]" for v, number in tally.counts)


def _print_explained(report: Report, console: Console) -> None:
    groups: dict[str, list[CaseResult]] = defaultdict(list)
    for result in report.results:
        if result.finding.verdict is Verdict.EXPLAINED:
            groups[result.finding.deviation or result.finding.reason].append(result)
    titles = {entry.id: entry.title for entry in report.deviations}
    for key, results in groups.items():
        title = escape(shown(titles.get(key, key)))
        console.print(f"[cyan]{len(results)} explained[/]: {title}", highlight=False)
        example = shown(results[0].case.id)
        console.print(f"    such as {example}", style="dim", highlight=False, markup=False)
        _print_ruling(results[0], console)


def _print_ruling(result: CaseResult, console: Console) -> None:
    """Print who is right, where that was asked; a registered deviation has said it already."""
    ruling = result.finding.ruling
    if ruling is not None and ruling.cause is not Cause.DEVIATION:
        text = f"who is right: {ruling.sentence}"
        console.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)), highlight=False)


def _print_failures(report: Report, console: Console) -> None:
    failures = [result for result in report.results if result.finding.verdict.fails]
    for result in failures[:_FAILURES_SHOWN]:
        verdict = result.finding.verdict
        case = escape(shown(result.case.id))
        console.print(f"[{STYLES[verdict]}]{verdict}[/] {case}", highlight=False)
        console.print(f"    {shown(result.finding.reason)}", markup=False, highlight=False)
        _print_ruling(result, console)
    if len(failures) > _FAILURES_SHOWN:
        console.print(f"    and {len(failures) - _FAILURES_SHOWN} more, all in the report")
    for name in report.idle:
        console.print(f"[bold red]dead deviation[/] {name}: it concerns no case")
