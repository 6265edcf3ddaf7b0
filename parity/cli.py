"""The command ``parity``."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper

from rich.console import Console

from parity.commands import VERBS
from parity.errors import ParityError

EPILOG = """\
exit status: 0 nothing is a mismatch or an error; 1 something is; 2 the run could not start, or its
report could not be written; 130 it was interrupted (no report is written); 141 nobody reads on
"""

_BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell has it; 1 would say that something differs


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    _write_anything()
    options = parser().parse_args(arguments)
    try:
        status: int = options.command(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as ending:
        # rich ends the program with 1 when nobody reads what it prints.
        if isinstance(ending.__context__, BrokenPipeError):
            return _nobody_reads()
        raise
    except KeyboardInterrupt as interrupt:
        _say(": ".join(("interrupted", *map(str, interrupt.args))))
        return 130
    except (ParityError, OSError) as error:
        _say(str(error))
        return 2
    return status


def _say(message: str) -> None:
    Console(stderr=True, soft_wrap=True).print(
        f"parity: {message}", style="bold red", markup=False, highlight=False
    )


def _write_anything() -> None:
    """Let a terminal that lacks a character get its number, not end the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nobody_reads() -> int:
    """End quietly: what is still in the buffer goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _BROKEN_PIPE


def _version() -> str:
    try:
        return version("pybootmlm")
    except PackageNotFoundError:
        return "that is not installed"


def parser() -> argparse.ArgumentParser:
    """Build the parser, which is also the manual of the command."""
    top = argparse.ArgumentParser(
        prog="parity", description=__doc__, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    top.add_argument("--version", action="version", version=f"parity of pybootmlm {_version()}")
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for module in VERBS:
        module.add(verbs)
    return top


if __name__ == "__main__":
    sys.exit(main())
