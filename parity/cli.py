"""The command ``parity``: run, list, record."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from parity.commands import list_command, record_command, run_command
from parity.errors import ParityError

EPILOG = """\
exit status: 0 nothing is a mismatch or an error; 1 something is; 2 the run could not start
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    options = parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except ParityError as error:
        Console(stderr=True, soft_wrap=True).print(
            f"parity: {error}", style="bold red", markup=False, highlight=False
        )
        return 2
    return status


def parser() -> argparse.ArgumentParser:
    """Build the parser, which is also the manual of the command."""
    top = argparse.ArgumentParser(
        prog="parity", description=__doc__, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verbs = top.add_subparsers(required=True, metavar="run | list | record")

    run = verbs.add_parser("run", help="compare Python with R and write a report")
    run.add_argument(
        "--oracle", choices=("recorded", "live"), default="recorded",
        help="recorded references (no R needed, the default), or R on this machine",
    )  # fmt: skip
    run.add_argument("--out", type=Path, default=Path("report"), help="folder of the report")
    run.set_defaults(command=run_command)

    listing = verbs.add_parser("list", help="print the cases")
    listing.set_defaults(command=list_command)

    record = verbs.add_parser("record", help="ask R every case and keep its answers")
    record.add_argument("--out", type=Path, help="folder (default: r_reference/recorded)")
    record.add_argument(
        "--file", action="append", default=[], metavar="GLOB",
        help="only the recorded files so named, such as '*.boot.json'; the others stay",
    )  # fmt: skip
    record.set_defaults(command=record_command)

    for verb in (run, listing, record):
        verb.add_argument(
            "--case", action="append", default=[], metavar="GLOB",
            help="only cases whose id fits, such as 'sleepstudy*/REML/*'; may be repeated",
        )  # fmt: skip
    for verb in (run, record):
        verb.add_argument(
            "--rscript", metavar="COMMAND",
            help="live R is what this starts, such as 'chroot /trixie Rscript', not rpy2's",
        )  # fmt: skip
        verb.add_argument(
            "--timeout", type=float, default=300.0, metavar="SECONDS",
            help="time that R may take for one case (default 300)",
        )  # fmt: skip
    return top


if __name__ == "__main__":
    sys.exit(main())
