"""``parity survey``: compare the other Python libraries with lme4, and write the page about it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from parity.cases import Case, load_cases
from parity.commands.options import add_live, add_oracle, chosen_oracle, progress_bar
from parity.errors import CaseError, ImplementationError
from parity.implementations import Isolated, Native
from parity.oracles import Oracle
from parity.survey import page_text, read_survey, survey_library, survey_text
from parity.survey.collect import Remembering
from parity.survey.document import Survey, Surveyed
from parity.survey.scope import libraries, strict_cases, surveyed_cases
from parity.writing import write_whole

DATA, PAGE = "implementations.json", "implementations.md"


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "survey", help="compare other Python libraries with lme4 and write the page about them"
    )
    verb.add_argument(
        "--out", type=Path, default=Path("docs"),
        help=f"folder of {PAGE} and {DATA} (default docs)",
    )  # fmt: skip
    verb.add_argument(
        "--library", action="append", default=[], metavar="NAME",
        help="only this one, the others stay as they are; may be repeated",
    )  # fmt: skip
    verb.add_argument(
        "--page-only", action="store_true", help=f"ask nobody: write {PAGE} from {DATA} again"
    )
    verb.add_argument(
        "--fit-timeout", type=float, default=120.0, metavar="SECONDS",
        help="time that a library may take for one fit (default 120)",
    )  # fmt: skip
    add_oracle(verb)
    add_live(verb)
    verb.set_defaults(command=command, oracle="live")


def command(options: argparse.Namespace) -> int:
    """Ask every library, keep what was found, write the page."""
    console = Console()
    catalogue = load_cases()
    wanted = _wanted(options.library)
    data = options.out / DATA
    kept: Survey = read_survey(data.read_text("utf-8")) if data.is_file() else {}
    found: dict[str, Surveyed] = {}
    if not options.page_only:
        oracle = Remembering(chosen_oracle(options))
        try:
            for name in wanted:
                try:
                    found[name] = _asked(name, catalogue, oracle, options.fit_timeout, console)
                except ImplementationError as error:
                    console.print(f"{name} is left as it was: {error}", style="yellow")
        finally:
            oracle.close()
    merged = {name: found.get(name, kept.get(name)) for name in _all_names()}
    survey = {name: library for name, library in merged.items() if library is not None}
    if not survey:
        message = (
            f"there is nothing to write about: no {DATA} in {options.out}, and nobody was asked"
        )
        raise CaseError(message)
    if found:
        write_whole(data, survey_text(survey))
    write_whole(options.out / PAGE, page_text(survey, catalogue))
    console.print(f"asked {', '.join(found) or 'nobody'}; page: {options.out / PAGE}")
    return 0


def _asked(
    name: str, catalogue: Sequence[Case], oracle: Oracle, timeout: float, console: Console
) -> Surveyed:
    """Ask one library every case that it is to be asked."""
    strict = name not in libraries()
    cases = strict_cases(catalogue) if strict else surveyed_cases(catalogue)
    implementation = Native() if name == "pybootmlm" else Isolated(name, timeout)
    with progress_bar(console) as progress:
        task = progress.add_task("", total=len(cases))

        def show(case: Case) -> None:
            progress.update(task, advance=1, description=f"{name}: {case.id}")

        try:
            return survey_library(cases, implementation, oracle, show)
        finally:
            if isinstance(implementation, Isolated):
                implementation.close()


def _all_names() -> list[str]:
    """Return the libraries, then those that were told to look harder."""
    known = libraries()
    return [*known, *(library.strict for library in known.values() if library.strict)]


def _wanted(names: list[str]) -> list[str]:
    known = libraries()
    for name in names:
        if name not in known:
            message = f"`--library {name}` is none of the survey's: {', '.join(known)}"
            raise CaseError(message)
    chosen = names or list(known)
    return [n for name in chosen for n in (name, known[name].strict) if n]
