"""``parity translate``: an R script as a Python script, and the proof that both say the same."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from parity.commands.options import seconds
from parity.errors import TranslationError
from parity.report.terminal import STYLES
from parity.translate import Translation, translate
from parity.translate.files import read_script
from parity.translate.script import READERS
from parity.translate.verifying.outcome import Line, Verification
from parity.translate.verifying.page import html_page
from parity.translate.verifying.run import Setting, verify
from parity.verdict import Verdict
from parity.writing import write_whole

EPILOG = """\
examples:
  parity translate analysis.R -o analysis.py
  parity translate analysis.R -o analysis.py --strict
  parity translate analysis.R -o analysis.py --verify --report verified

Nothing of the R script is run, unless `--verify` asks for it: then both scripts are run.

exit status: 0 done; 1 something differs (--verify), or could not be translated (--strict);
2 the script could not be read
"""


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "translate", help="write an R script of lme4 and bootmlm as a Python script",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verb.add_argument("script", type=Path, metavar="FILE.R", help="an R script")
    verb.add_argument(
        "-o", "--output", type=Path, metavar="FILE.py", help="where to (default: the terminal)"
    )
    verb.add_argument(
        "--strict", action="store_true", help="fail if a statement could not be translated"
    )
    verb.add_argument(
        "--reader", choices=READERS, default="auto",
        help="R's own parser, or ours; auto: R's where there is an R (both give the same tree)",
    )  # fmt: skip
    verb.add_argument("--encoding", default="utf-8", help="of the script (default utf-8)")
    verb.add_argument(
        "--verify", action="store_true",
        help="RUN both scripts, R's by Rscript, and compare every value that is set or shown",
    )  # fmt: skip
    verb.add_argument(
        "--data", action="append", default=[], metavar="NAME=FILE",
        help="for --verify: a file that stands for a path or address in the scripts",
    )  # fmt: skip
    verb.add_argument(
        "--report", type=Path, metavar="DIR", help="for --verify: a folder for the HTML report"
    )
    verb.add_argument(
        "--rscript", metavar="COMMAND", help="what starts R, such as 'chroot /trixie Rscript'"
    )
    verb.add_argument(
        "--timeout", type=seconds, default=600.0, metavar="SECONDS",
        help="for --verify: time that each script may take (default 600)",
    )  # fmt: skip
    verb.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Translate, write, say what is missing; run and compare if that is asked for."""
    said = Console(stderr=True, soft_wrap=True)
    _check(options)
    setting = _setting(options)
    text = read_script(options.script, options.encoding)
    made = translate(text, options.script.name, options.reader, options.rscript)
    if options.output is None:
        sys.stdout.write(made.python)
    else:
        write_whole(options.output, made.python)
    _say(made, said)
    status = 1 if options.strict and not made.complete else 0
    if options.verify:
        said.print("running both scripts", markup=False)
        found = verify(made, setting)
        show(found, Console())
        if options.report is not None:
            page = options.report / "index.html"
            write_whole(page, html_page(found))
            said.print(f"report: {page}", markup=False, highlight=False)
        status = status if found.passed else 1
    return status


def _check(options: argparse.Namespace) -> None:
    if options.output is not None and options.output.resolve() == options.script.resolve():
        message = (
            f"`-o {options.output}` is the R script itself: give the Python script another name"
        )
        raise TranslationError(message)
    for title in ("data", "report"):
        if getattr(options, title) and not options.verify:
            message = f"`--{title}` is for `--verify`, which is not asked for"
            raise TranslationError(message)


def _setting(options: argparse.Namespace) -> Setting:
    data = {}
    for given in options.data:
        # An address may have = in it, a file name hardly.
        name, sign, path = given.rpartition("=")
        if not sign or not name or not Path(path).is_file():
            message = f"`--data {given}` should be NAME=FILE, with a file that is there"
            raise TranslationError(message)
        data[name] = str(Path(path).resolve())
    folder = options.script.resolve().parent
    return Setting(folder, options.rscript, options.timeout, data)


def _say(made: Translation, console: Console) -> None:
    first, *rest = made.summary()
    reader = "R's parser" if made.reader == "R" else "our parser"
    console.print(f"{first} (read by {reader})", markup=False, highlight=False)
    for line in rest:
        style = "yellow" if ": not translated: " in line else "dim"
        console.print(Text(f"  {line}", style=style), highlight=False, soft_wrap=True)


def show(found: Verification, console: Console) -> None:
    """Print the verdicts line by line."""
    table = Table(box=None, pad_edge=False)
    table.add_column("line", justify="right", no_wrap=True)
    table.add_column("R", overflow="ellipsis", no_wrap=True, max_width=max(16, console.width - 48))
    table.add_column("value", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("digits", justify="right", no_wrap=True)
    for line in found.lines:
        for item in line.items:
            first = line.piece.r_code.split("\n")[0]
            digits = f"{item.digits:.1f}" if item.verdict in _COMPARED else ""
            table.add_row(
                str(line.piece.line), Text(first), Text(item.name),
                f"[{STYLES[item.verdict]}]{item.verdict}[/]", digits,
            )  # fmt: skip
    console.print(table)
    for line, reason in _reasons(found):
        console.print(f"line {line.piece.line}: {reason}", markup=False, highlight=False,
                      soft_wrap=True)  # fmt: skip
    for note in found.notes:
        console.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    versions = ", ".join(f"{k} {v}" for k, v in found.versions.items() if k in _PACKAGES)
    style = "bold green" if found.passed else "bold red"
    said = f"[{style}]{found.conclusion}[/]: {found.summary()} ({versions})"
    console.print(said, highlight=False,
                  soft_wrap=True)  # fmt: skip


_COMPARED = (Verdict.MATCH, Verdict.EXPLAINED, Verdict.MISMATCH)
_PACKAGES = ("R", "lme4", "bootmlm")


def _reasons(found: Verification) -> list[tuple[Line, str]]:
    return [
        (line, f"{item.name}: {item.reason}" if item.name else item.reason)
        for line in found.lines
        for item in line.items
        if item.verdict is not Verdict.MATCH and item.reason
    ]
