"""``parity verify``: whether a folder of evidence is as it was written."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from parity.validation.seal import check_seal

EPILOG = """\
exit status: 0 nothing was changed; 1 something was; 2 it is not the folder of a report
"""


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "verify", help="say whether a folder of evidence was changed since it was written",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verb.add_argument("folder", type=Path, metavar="DIR", help="what `parity validate` wrote")
    verb.add_argument(
        "--digest", metavar="HEX", help="the digest that was noted when the report was made"
    )
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Hash every file again and say what is not as it was."""
    console = Console()
    seal = check_seal(options.folder, options.digest)
    for problem in seal.problems:
        console.print(problem, style="bold red", markup=False, highlight=False, soft_wrap=True)
    said = f"report {seal.about['report']}, {seal.files} files, digest {seal.digest}"
    console.print(said, highlight=False, soft_wrap=True, markup=False)
    if seal.problems:
        console.print(f"CHANGED: findings: {len(seal.problems)}", style="bold red")
        return 1
    console.print("unchanged", style="bold green", end="")
    compared = " and the digest is the one that was noted" if options.digest else ""
    rest = "" if options.digest else "; compare the digest with the one noted when it was made"
    console.print(f": every file is as the manifest says{compared}{rest}", highlight=False)
    return 0
