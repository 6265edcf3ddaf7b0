"""``parity validate``: a folder of evidence for validation, which an auditor can keep."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from parity.cases import Case, load_cases, select_cases
from parity.commands.options import add_case, add_live, add_oracle, chosen_oracle, progress_bar
from parity.errors import CaseError
from parity.requirements import load_requirements
from parity.validation.changes import open_superseded
from parity.validation.conclusion import conclude
from parity.validation.folder import check_place, write_folder
from parity.validation.identity import identify
from parity.validation.one_thread import is_held, start_again
from parity.validation.plan import RUN, SKIP, Plan, gather
from parity.validation.pq import qualify
from parity.validation.render.toolkit import load_toolkit
from parity.validation.run_log import RunLog, utc_now

EPILOG = """\
exit status: 0 the evidence supports the requirements; 1 it does not, and the report says where;
2 no report could be made

examples:
  parity validate --out evidence-1.0
  parity validate --out evidence-1.1 --oracle live --supersedes evidence-1.0
  parity validate --out evidence --pq parity_cases.toml --prepared-by "A. Author"
"""


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "validate", help="make a report with evidence for validation",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verb.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    add_oracle(verb)
    verb.add_argument(
        "--pq", action="append", default=[], type=Path, metavar="FILE",
        help="case file with your own models (parity_cases.toml); may be repeated",
    )  # fmt: skip
    verb.add_argument(
        "--pq-reference", type=Path, metavar="DIR",
        help="R's answers to them as `parity check --save-reference` or the plugin kept them",
    )  # fmt: skip
    verb.add_argument(
        "--prepared-by", nargs="+", default=[], metavar="NAME",
        help="authors of the report (default: the login name)",
    )  # fmt: skip
    verb.add_argument(
        "--supersedes", type=Path, metavar="DIR", help="the report that this one takes the place of"
    )
    verb.add_argument(
        "--tests", default=RUN, metavar="run|skip|FILE",
        help="run the named tests (default), or read the JUnit XML of a run of them",
    )  # fmt: skip
    verb.add_argument("--no-pdf", dest="pdf", action="store_false", help="HTML and JSON only")
    verb.add_argument(
        "--no-rerun", dest="again", action="store_false", help="do not compute anything again"
    )
    add_case(verb)
    add_live(verb)
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Gather the evidence, write the folder, print the conclusion and the digests."""
    check_place(options.out)
    if not is_held():
        return start_again(sys.argv[1:])
    console = Console()
    if options.pdf:
        load_toolkit()  # what is missing is said before the work, not after it
    if options.tests not in (RUN, SKIP) and not Path(options.tests).is_file():
        message = f"`--tests` must be 'run', 'skip' or a JUnit XML file; got '{options.tests}'"
        raise CaseError(message)
    superseded = None if options.supersedes is None else open_superseded(options.supersedes)
    identity = identify(
        utc_now(),
        options.prepared_by,
        ["parity", *sys.argv[1:]],
        "" if superseded is None else superseded.report,
    )
    log = RunLog([] if superseded is None else list(superseded.log))
    catalogue = load_cases()
    cases = select_cases(catalogue, options.case)
    oracle = chosen_oracle(options)
    plan = Plan(
        identity=identity, cases=cases, catalogue=catalogue, requirements=load_requirements(),
        oracle=oracle, tests=options.tests, live=options.oracle == "live",
        rscript=options.rscript, timeout=options.timeout, selected=tuple(options.case),
        again=options.again,
    )  # fmt: skip
    try:
        with progress_bar(console) as progress:
            task = progress.add_task("", total=len(cases))

            def show(case: Case) -> None:
                progress.update(task, advance=1, description=case.id)

            pq = [
                qualify(
                    file, reference=options.pq_reference, rscript=options.rscript,
                    timeout=options.timeout,
                )
                for file in options.pq
            ]  # fmt: skip
            evidence = gather(
                plan, log, pq=pq, superseded=superseded, watch=show,
                say=lambda text: progress.update(task, description=text),
            )  # fmt: skip
            progress.update(task, description="writing the report")
            digest = write_folder(evidence, options.out, log, pdf=options.pdf)
    finally:
        oracle.close()
    drawn = conclude(evidence)
    style = "bold green" if drawn.passed else "bold red"
    console.print(f"{drawn.headline}.", style=style, highlight=False)
    for title, items in (("finding", drawn.failures), ("open", drawn.open)):
        for item in items:
            console.print(f"{title}: {item}", markup=False, highlight=False)
    console.print(f"status: {drawn.status}", markup=False, highlight=False)
    console.print(f"results: {evidence.results}", highlight=False, soft_wrap=True)
    page = options.out / "report" / f"report.{'pdf' if options.pdf else 'html'}"
    console.print(f"report: {page}", highlight=False, soft_wrap=True, markup=False)
    console.print(f"digest, to be noted elsewhere: {digest}", highlight=False, soft_wrap=True)
    return 0 if drawn.passed else 1
