"""``parity run``: compare Python with R on the cases of this project, and report."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from parity.cases import Case
from parity.commands.baseline import RULES_EPILOG, add_baseline, chosen_baseline
from parity.commands.chosen_cases import add_cases, chosen_cases
from parity.commands.options import (
    add_case,
    add_implementation,
    add_live,
    add_oracle,
    chosen_implementation,
    progress_bar,
)
from parity.errors import CaseError, WriteError
from parity.report.terminal import print_report
from parity.report.write import write_report
from parity.session import compare_cases
from parity.writing import check_folder


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "run", help="compare Python with R and write a report",
        epilog=RULES_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add_oracle(verb)
    verb.add_argument("--out", type=Path, default=Path("report"), help="folder of the report")
    add_cases(verb)
    add_case(verb)
    add_implementation(verb)
    add_live(verb)
    add_baseline(verb)
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Compare, print the table, write the report."""
    console = Console()
    check_folder(options.out)
    if options.rscript is not None and options.oracle != "live":
        message = "`--rscript` needs `--oracle live`: recorded answers are read, and no R is asked"
        raise CaseError(message)
    held = chosen_baseline(options)
    implementation = chosen_implementation(options)
    chosen = chosen_cases(options)
    try:
        with progress_bar(Console(stderr=True)) as progress:
            task = progress.add_task("", total=len(chosen.cases))

            def show(case: Case) -> None:
                progress.update(task, advance=1, description=case.id)

            report = compare_cases(
                chosen.cases, implementation, chosen.oracle, frames=chosen.frames,
                tolerances=chosen.tolerances, catalogue=chosen.catalogue, watch=show,
            )  # fmt: skip
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"no report was written to {options.out}") from None
    finally:
        chosen.oracle.close()
    try:
        page = write_report(report, options.out)
    except WriteError:
        print_report(report, console)  # the run is not lost with its report
        raise
    print_report(report, console)
    console.print(f"report: {page}", highlight=False, soft_wrap=True)
    return held.status(report, console)
