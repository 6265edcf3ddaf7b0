"""``parity list``: what is compared."""

import argparse
from typing import Any

from parity.cases import load_cases, select_cases
from parity.commands.options import add_case


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser("list", help="print the cases")
    add_case(verb)
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Print the cases, one a line: id, requirement, tolerance."""
    for case in select_cases(load_cases(), options.case):
        print(f"{case.id}\t{case.requirement}\t{case.tolerance}")
    return 0
