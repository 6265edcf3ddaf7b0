"""``parity deviations``: which of R's known defects this R has, and that pybootmlm is right."""

import argparse
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from parity.deviations import Deviation, load_deviations
from parity.shown.in_r import run_in_r
from parity.shown.outcome import Outcome
from parity.shown.page import page_text
from parity.shown.record import write_run
from parity.shown.survey import Surveyed, survey
from parity.writing import write_whole

_STYLES = {Outcome.SHOWN: "cyan", Outcome.RIGHT: "green", Outcome.STALE: "bold red"}


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "deviations", help="run the code that shows where R and we differ, in R and in Python"
    )
    verb.add_argument("--rscript", default="Rscript", metavar="COMMAND", help="what starts Rscript")
    verb.add_argument(
        "--record", action="store_true", help="keep what this R says, for machines without it"
    )
    verb.add_argument("--page", type=Path, metavar="FILE", help="write the page of the docs")
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Run, print, and keep or write what was asked for."""
    console = Console()
    entries = load_deviations()
    if options.page is not None:
        write_whole(options.page, page_text(entries))
        console.print(f"page: {options.page}", highlight=False, soft_wrap=True)
        return 0
    if options.record:
        examples = {entry.id: entry.example for entry in entries}
        run = run_in_r(examples, options.rscript)
        path = write_run(run, examples)
        console.print(f"recorded {len(run.shown)} of {len(examples)} examples: {path.name}")
        for name, package in run.lacks.items():
            console.print(f"not run, for want of {package}: {name}", style="yellow")
        return 0
    surveyed, run = survey(entries, options.rscript)
    console.print(_table(surveyed))
    names = [name for name in ("R", "lme4", "bootmlm", "Matrix") if name in run.environment]
    versions = ", ".join(f"{name} {run.environment[name]}" for name in names)
    console.print(versions, style="dim", highlight=False, markup=False)
    return _verdict(console, surveyed)


def _table(surveyed: tuple[Surveyed, ...]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("deviation", "this R", "pybootmlm"):
        table.add_column(name, no_wrap=name == "deviation")
    for one in surveyed:
        said = one.r.outcome if one.origin == "live" else f"{one.r.outcome}, recorded"
        table.add_row(
            one.entry.id,
            f"[{_STYLES[one.r.outcome]}]{said}[/]",
            f"[{_STYLES[one.python.outcome]}]{_ours(one.entry, one.python.outcome)}[/]",
        )
    return table


def _ours(entry: Deviation, outcome: Outcome) -> str:
    return "follows R" if entry.group == "followed" and outcome is Outcome.SHOWN else outcome


def _verdict(console: Console, surveyed: tuple[Surveyed, ...]) -> int:
    bad = [one for one in surveyed if not one.holds_good]
    for one in bad:
        for judged in (one.r, one.python):
            if judged.outcome is Outcome.STALE:
                console.print(f"{one.entry.id}: {judged.reason}", style="red", markup=False)
    live = sum(one.origin == "live" for one in surveyed)
    said = f"{len(surveyed)} deviations, {live} of them asked of R now, the others of its record"
    console.print(
        f"FAIL: {len(bad)} of {said}" if bad else f"Pass: {said}",
        style="bold red" if bad else "bold green",
        highlight=False,
    )
    return 1 if bad else 0
