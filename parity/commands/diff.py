"""``parity diff``: what changed between two runs."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from parity.commands.options import add_case
from parity.drift import changes_between, read_run
from parity.drift.terminal import print_drift
from parity.drift.text import drift_text
from parity.errors import ResultsError

_DESCRIPTION = """\
Compare two runs: verdicts, numbers (R's and ours, each as a multiple of the case's tolerance) and
versions, the worst first. Each file is the results.json of a report (or the report's folder), or a
baseline of `parity run --save-baseline`.
"""
_EPILOG = """\
a regression is a case that passed (match, explained) and now fails, is not run or is gone; one that
was not run and fails; a mismatch that became an error or lost a digit of agreement; a new case that
fails; a registered deviation that no longer concerns any case

exit status: 0 no regression; 1 a regression; 2 a file could not be read
"""


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "diff", help="say what changed between two runs", description=_DESCRIPTION,
        epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verb.add_argument("before", type=Path, metavar="A", help="results.json of the first run")
    verb.add_argument("after", type=Path, metavar="B", help="results.json of the second run")
    verb.add_argument("--json", action="store_true", help="print JSON, every change in full")
    verb.add_argument("--all", action="store_true", help="show all changes, not the largest only")
    add_case(verb)
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Read both runs, print what changed."""
    before, after = (
        read_run(path).selected(options.case) for path in (options.before, options.after)
    )
    if options.case and not before.entries and not after.entries:
        message = f"`--case {' '.join(options.case)}` fits no case of either run"
        raise ResultsError(message)
    drift = changes_between(before, after)
    if options.json:
        print(drift_text(drift))
    else:
        print_drift(drift, Console(), options.all)
    return 1 if drift.regressed else 0
