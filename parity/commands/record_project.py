"""``parity record --cases FILE``: R's answers to a project's own cases, kept beside them."""

import argparse

from rich.console import Console

from parity.cases import Case
from parity.cases.project import load_project, references_of
from parity.commands.options import progress_bar
from parity.errors import CaseError
from parity.oracles.live import LiveOracle
from parity.reference import check_folder, save_reference


def record_project(options: argparse.Namespace) -> int:
    """Ask R every case of a project's case file, and write the references that pytest reads."""
    if options.case or options.file:
        message = "`--cases FILE` records all cases of that file; leave `--case` and `--file` out"
        raise CaseError(message)
    console = Console()
    folder = references_of(options.cases) if options.out is None else options.out
    check_folder(folder)
    project = load_project(options.cases)
    oracle = LiveOracle(options.timeout, options.rscript, project.frames)
    try:
        with progress_bar(console) as progress:
            task = progress.add_task("", total=len(project.cases))

            def show(case: Case) -> None:
                progress.update(task, advance=1, description=case.id)

            manifest = save_reference(
                folder, project.models, project.asked, oracle, project.frames, show
            )
    finally:
        oracle.close()
    environment = manifest.environment
    versions = ", ".join(
        f"{name} {environment[name]}"
        for name in ("R", "lme4", "Matrix", "bootmlm")
        if name in environment
    )
    console.print(
        f"recorded {len(project.cases)} cases of {len(project.models)} models in {folder}: "
        f"{versions}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    return 0
