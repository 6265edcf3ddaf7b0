"""``parity record``: ask R every case and keep its answers, with the versions they come from."""

import argparse
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from rich.console import Console

from parity.cases import Case, load_cases, select_cases
from parity.commands.options import add_case, add_live, progress_bar
from parity.commands.record_project import record_project
from parity.errors import CaseError
from parity.oracles.live import LiveOracle
from parity.oracles.manifest import Manifest, recorded_name
from parity.paths import recorded_folder
from parity.probes import probe_of
from parity.recorder import record, refits_wrongly


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser("record", help="ask R every case and keep its answers")
    verb.add_argument("--out", type=Path, help="folder (default: r_reference/recorded)")
    verb.add_argument(
        "--file", action="append", default=[], metavar="GLOB",
        help="only the recorded files so named, such as '*.boot.json'; the others stay",
    )  # fmt: skip
    verb.add_argument(
        "--cases", type=Path, metavar="FILE",
        help="a project's parity_cases.toml: its cases, kept in parity_references/ beside it",
    )  # fmt: skip
    add_case(verb)
    add_live(verb)
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Record R's answers, with the versions they come from."""
    if options.cases is not None:
        return record_project(options)
    console = Console()
    if options.case and options.out is None:
        message = (
            "`parity record --case` would leave the manifest with some of the models only; give "
            "`--out DIR` for a partial recording, or record everything"
        )
        raise CaseError(message)
    selected = select_cases(load_cases(), options.case)
    cases = [case for case in selected if probe_of(case.quantity).asks_r]
    folder = recorded_folder() if options.out is None else options.out
    keep = Manifest.read(folder) if options.file else None
    if options.file:
        cases = [c for c in cases if any(fnmatch(recorded_name(c), g) for g in options.file)]
        if not cases:
            message = f"`--file {' '.join(options.file)}` fits no recorded file"
            raise CaseError(message)
    oracle = LiveOracle(options.timeout, options.rscript)
    try:
        environment = oracle.environment()
        wrong = [case for case in cases if refits_wrongly(case, environment)]
        if wrong:
            message = (
                f"lme4 {environment['lme4']} refits REML models with several fixed effects wrongly "
                f"(deviation lme4-refit-reml-df), so bootstraps such as '{wrong[0].id}' must be "
                "recorded under lme4 1.1-33 or newer: give `--rscript COMMAND` for another R, or "
                "`--file GLOB` for the other files"
            )
            raise CaseError(message)
        with progress_bar(console) as progress:
            task = progress.add_task("", total=len(cases))

            def show(case: Case) -> None:
                progress.update(task, advance=1, description=case.id)

            _, refused = record(cases, oracle, folder, show, keep)
    finally:
        oracle.close()
    versions = ", ".join(f"{k} {v}" for k, v in environment.items())
    files = len({recorded_name(case) for case in cases})
    console.print(f"recorded {len(cases)} cases in {files} files: {versions}")
    for name in refused:
        console.print(f"R gave an error for {name}", style="yellow", highlight=False)
    return 0
