"""Options of a run that is held to a baseline, and what they make of its exit status."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from parity.drift import (
    RULES,
    Drift,
    Snapshot,
    baseline_text,
    broken,
    changes_between,
    read_run,
    run_of,
)
from parity.drift.terminal import print_drift
from parity.errors import ResultsError
from parity.report import Report
from parity.writing import check_folder, write_whole

RULES_EPILOG = """\
what --fail-on means:
  mismatch    a mismatch or an error fails, whatever the baseline says (the default)
  regression  only what is worse than the baseline fails: a case that passed (match, explained)
              and now fails, is not run or is gone; one that was not run and fails; a mismatch
              that became an error or lost a digit of agreement; a new case that fails; a
              registered deviation that no longer concerns any case
  difference  any change fails: all of the above, a verdict that is another (better ones too),
              a case that is new, gone or asks another question (model, inputs or data), and
              numbers of R's or ours that moved by more than their tolerance
  Versions are shown and never fail a run. What failed in the baseline and is no worse fails
  under `mismatch` only.

exit status: 0 the run holds; 1 it does not; 2 it could not start
"""


@dataclass(frozen=True)
class Held:
    """What a run is held to.

    Attributes
    ----------
    baseline
        Already without the cases that the run leaves out; None to hold it to itself.
    rule
        One of `RULES`.
    save
        Where to write the run as a baseline.
    """

    baseline: Snapshot | None
    rule: str
    save: Path | None

    def status(self, report: Report, console: Console) -> int:
        """Save the run if asked, say what changed, and return the exit status."""
        run = None if self.baseline is None and self.save is None else run_of(report)
        if run is not None and self.save is not None:
            write_whole(self.save, baseline_text(run))
            console.print(f"baseline: {self.save}", highlight=False, soft_wrap=True)
        if run is None or self.baseline is None:
            return 0 if report.passed else 1
        drift = changes_between(self.baseline, run)
        console.print()
        print_drift(drift, console)
        holds = report.passed if self.rule == "mismatch" else not broken(drift, self.rule)
        style = "bold green" if holds else "bold red"
        console.print(_said(drift, self.rule, report, holds), style=style, highlight=False)
        return 0 if holds else 1


def add_baseline(verb: argparse.ArgumentParser) -> None:
    """Let a verb save what it found, and hold what it finds to what was saved."""
    verb.add_argument(
        "--save-baseline", type=Path, metavar="FILE",
        help="write verdicts, digits and numbers as a baseline to commit, a case a line",
    )  # fmt: skip
    verb.add_argument(
        "--baseline", type=Path, metavar="FILE", help="say what changed since this baseline"
    )
    verb.add_argument(
        "--fail-on", choices=tuple(RULES), default="mismatch",
        help="what fails the run: mismatch (default), regression or difference; see below",
    )  # fmt: skip


def chosen_baseline(options: argparse.Namespace) -> Held:
    """Read the baseline, and see where one can be saved, before anything is run."""
    if options.save_baseline is not None:
        if options.save_baseline.is_dir():
            message = f"`--save-baseline {options.save_baseline}` is a folder; name a file"
            raise ResultsError(message)
        check_folder(options.save_baseline.parent)
    if options.baseline is None:
        if options.fail_on != "mismatch":
            message = (
                f"`--fail-on {options.fail_on}` compares with a baseline; give `--baseline FILE`, "
                "which `--save-baseline FILE` writes"
            )
            raise ResultsError(message)
        return Held(None, options.fail_on, options.save_baseline)
    baseline = read_run(options.baseline).selected(options.case)
    return Held(baseline, options.fail_on, options.save_baseline)


def _said(drift: Drift, rule: str, report: Report, holds: bool) -> str:
    if rule == "mismatch":
        return f"--fail-on mismatch: {report.headline}"
    count = len(broken(drift, rule))
    known = sum(n for verdict, n in report.counts.items() if verdict.fails) if holds else 0
    what = "nothing is worse" if rule == "regression" else "nothing is other"
    said = f"{what} than in the baseline"
    if not holds:
        said = f"{count} {'cases fail' if count > 1 else 'case fails'} by it"
    if known:
        said += f" ({known} failure{'s were' if known > 1 else ' was'} in it already)"
    return f"--fail-on {rule}: {said}"
