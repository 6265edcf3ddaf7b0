"""Which cases a run is of: this project's catalogue, or a case file of somebody's own."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parity.cases import Case, load_cases, select_cases
from parity.cases.project import load_project
from parity.commands.options import chosen_oracle
from parity.frames import Frames
from parity.oracles import Oracle
from parity.project_oracle import project_oracle
from parity.tolerances import Tolerance, load_tolerances


@dataclass(frozen=True)
class ChosenCases:
    """What is compared, by which tolerances, and who answers for R.

    Attributes
    ----------
    catalogue
        All cases there are, if deviations that concern none of them are to be reported.
    """

    cases: Sequence[Case]
    oracle: Oracle
    frames: Frames
    tolerances: Mapping[str, Tolerance]
    catalogue: Sequence[Case] | None


def add_cases(verb: argparse.ArgumentParser) -> None:
    """Let a verb take a project's case file."""
    verb.add_argument(
        "--cases", type=Path, metavar="FILE",
        help="a project's parity_cases.toml, with its own models and data, instead of this one's",
    )  # fmt: skip


def chosen_cases(options: argparse.Namespace) -> ChosenCases:
    """Return the cases that `add_cases` and `add_case` let the user choose."""
    if options.cases is None:
        catalogue = load_cases()
        cases = select_cases(catalogue, options.case)
        return ChosenCases(cases, chosen_oracle(options), Frames(), load_tolerances(), catalogue)
    project = load_project(options.cases)
    cases = select_cases(project.cases, options.case)
    oracle = project_oracle(
        options.cases, project, live=options.oracle == "live",
        timeout=options.timeout, rscript=options.rscript,
    )  # fmt: skip
    tolerances = {**load_tolerances(), **project.tolerances}
    return ChosenCases(cases, oracle, project.frames, tolerances, None)
