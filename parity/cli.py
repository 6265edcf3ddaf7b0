"""The command ``parity``."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from parity.commands import VERBS
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
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for module in VERBS:
        module.add(verbs)
    return top


if __name__ == "__main__":
    sys.exit(main())
