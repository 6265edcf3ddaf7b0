"""What each verb of the command does."""

import argparse
import time
from datetime import UTC, datetime
from fnmatch import fnmatch

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from parity.cases import Case, load_cases, select_cases
from parity.deviations import load_deviations
from parity.environment import python_environment, r_environment
from parity.errors import CaseError
from parity.implementations import Native
from parity.oracles import Oracle
from parity.oracles.fallback import FallbackOracle
from parity.oracles.live import LiveOracle
from parity.oracles.manifest import Manifest, recorded_name
from parity.oracles.published import PublishedOracle, is_published
from parity.oracles.recorded import RecordedOracle
from parity.paths import recorded_folder
from parity.recorder import record, refits_wrongly
from parity.report import Report
from parity.report.terminal import print_report
from parity.report.write import write_report
from parity.requirements import load_requirements
from parity.run import Runner
from parity.tolerances import load_tolerances


def run_command(options: argparse.Namespace) -> int:
    """Compare, print the table, write the report."""
    console = Console()
    catalogue = load_cases()
    cases = select_cases(catalogue, options.case)
    oracle: Oracle = RecordedOracle()
    if options.oracle == "live":
        oracle = FallbackOracle(LiveOracle(options.timeout, options.rscript), RecordedOracle())
    oracle = PublishedOracle(oracle)
    implementation = Native()
    deviations = load_deviations()
    runner = Runner(implementation, oracle, load_tolerances(), deviations)
    started, clock = datetime.now(UTC), time.perf_counter()
    try:
        versions = r_environment(oracle.environment())
        with _progress(console) as progress:
            task = progress.add_task("", total=len(cases))

            def show(case: Case) -> None:
                progress.update(task, advance=1, description=case.id)

            results = runner.run(cases, show)
    finally:
        oracle.close()
    report = Report(
        results=results,
        oracle=oracle.name,
        implementation=implementation.name,
        python={**implementation.versions(), **python_environment()},
        r=versions,
        requirements=load_requirements(),
        tolerances=runner.tolerances,
        deviations=deviations,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=time.perf_counter() - clock,
        idle=tuple(d.id for d in deviations if not any(d.concerns(c) for c in catalogue)),
    )
    page = write_report(report, options.out)
    print_report(report, console)
    console.print(f"report: {page}", highlight=False, soft_wrap=True)
    return 0 if report.passed else 1


def list_command(options: argparse.Namespace) -> int:
    """Print the cases, one a line: id, requirement, tolerance."""
    for case in select_cases(load_cases(), options.case):
        print(f"{case.id}\t{case.requirement}\t{case.tolerance}")
    return 0


def record_command(options: argparse.Namespace) -> int:
    """Record R's answers, with the versions they come from."""
    console = Console()
    if options.case and options.out is None:
        message = (
            "`parity record --case` would leave the manifest with some of the models only; give "
            "`--out DIR` for a partial recording, or record everything"
        )
        raise CaseError(message)
    selected = select_cases(load_cases(), options.case)
    cases = [case for case in selected if not is_published(case)]
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
        with _progress(console) as progress:
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


def _progress(console: Console) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
    )
