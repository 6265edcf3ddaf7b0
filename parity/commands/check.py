"""``parity check``: a model of one's own, compared with R."""

import argparse
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from parity.cases import Case
from parity.cases.own import BOOTSTRAPS, Extras, own_model
from parity.checking.question import Question
from parity.checking.result import CheckResult
from parity.checking.run import Source, run_check
from parity.checking.statistic import read_statistics
from parity.checking.table import explanations, lines_of
from parity.commands.options import add_live, progress_bar
from parity.data_files import read_data, with_levels
from parity.data_files.near_numbers import hint, texts_among_numbers
from parity.report.terminal import STYLES, print_versions
from pybootmlm.datasets import list_datasets, load_dataset
from pybootmlm.exceptions import PybootmlmError
from pybootmlm.formula import parse_formula

EPILOG = """\
examples:
  parity check "mathach ~ meanses + ses + (ses | id)" --data my.csv
  parity check "Reaction ~ Days + (Days | Subject)" --data sleepstudy --ml --bootstrap residual,case
  parity check "y ~ x + (1 | g)" --data my.rds --statistic icc --save-reference reference
  parity check "y ~ x + (1 | g)" --data my.rds --statistic icc --reference reference
"""


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "check", help="compare a model of your own with R",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verb.add_argument("formula", help="lme4's, such as 'y ~ x + (x | g)'")
    _add_data(verb)
    _add_quantities(verb)
    _add_reference(verb)
    add_live(verb)
    verb.add_argument("--out", type=Path, default=Path("report"), help="folder of the report")
    verb.set_defaults(command=command)


def _add_data(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--data", required=True, metavar="FILE",
        help="CSV, TSV, Parquet, Feather, RDS, SPSS or Stata; or the name of a packaged data set",
    )  # fmt: skip
    verb.add_argument(
        "--na", action="append", default=[], metavar="TEXT",
        help="in CSV and TSV means a missing value, besides NA, NaN and nothing; may be repeated",
    )  # fmt: skip
    verb.add_argument(
        "--levels", action="append", default=[], metavar="COL=A,B,C",
        help="make a column a factor with these levels; an ordered one with COL='A<B<C'",
    )  # fmt: skip
    method = verb.add_mutually_exclusive_group()
    method.add_argument("--reml", dest="reml", action="store_true", default=True, help="default")
    method.add_argument("--ml", dest="reml", action="store_false", help="maximum likelihood")
    verb.add_argument("--weights", metavar="COL", help="column with prior weights")
    verb.add_argument("--offset", metavar="COL", help="column with a known part of the mean")
    verb.add_argument("--name", help="what the model is called (default: the name of the file)")


def _add_quantities(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--bootstrap", action="append", default=[], metavar="TYPES",
        help=f"compare bootstraps replicate by replicate: {', '.join(BOOTSTRAPS)}",
    )  # fmt: skip
    verb.add_argument("--nsim", type=int, default=200, help="replicates of each (default 200)")
    verb.add_argument("--seed", type=int, default=85957, help="R's seed (default 85957)")
    verb.add_argument(
        "--statistic", action="append", default=[], metavar="NAMES",
        help="statistics that both sides know, such as icc,r2; or module:function, with its twin",
    )  # fmt: skip
    verb.add_argument(
        "--r-statistic", metavar="CODE", help="the twin in R: 'function(x) ...'; R runs this code"
    )
    verb.add_argument(
        "--all", dest="everything", action="store_true",
        help="ask R also what takes it minutes and gigabytes on large data",
    )  # fmt: skip


def _add_reference(verb: argparse.ArgumentParser) -> None:
    where = verb.add_mutually_exclusive_group()
    where.add_argument(
        "--save-reference", type=Path, metavar="DIR", help="keep R's answers in a folder"
    )
    where.add_argument(
        "--reference", type=Path, metavar="DIR", help="compare with answers kept before, without R"
    )


def command(options: argparse.Namespace) -> int:
    """Compare, print the table, write the report."""
    console = Console()
    question = _question(options)
    source = Source(options.rscript, options.timeout, options.reference, options.save_reference)
    with progress_bar(console) as progress:
        task = progress.add_task("", total=len(question.asked.cases))

        def show(case: Case) -> None:
            progress.update(task, advance=1, description=case.id)

        result = run_check(question, source, show)
    page = result.write(options.out)
    _print(result, console)
    console.print(f"report: {page}", highlight=False, soft_wrap=True, markup=False)
    if options.save_reference is not None:
        said = f"reference: {options.save_reference} (`--reference` uses it where there is no R)"
        console.print(said, highlight=False, soft_wrap=True, markup=False)
    return 0 if result.passed else 1


def _question(options: argparse.Namespace) -> Question:
    names = _listed(options.statistic)
    if any(":" in name for name in names):
        sys.path.insert(0, "")  # the user's modules lie where the user is
    statistics, own_statistic = read_statistics(names, options.r_statistic)
    extras = Extras(
        bootstraps=_listed(options.bootstrap),
        nsim=options.nsim,
        seed=options.seed,
        statistics=statistics,
        own_statistic=own_statistic,
        everything=options.everything,
    )
    name = options.name or Path(options.data).name.partition(".")[0]
    frame = _data(options)
    _hint_at_na(options, frame)
    own = own_model(
        options.formula,
        frame,
        name=f"own-{name}" if name in list_datasets() else name,
        reml=options.reml,
        weights=options.weights,
        offset=options.offset,
    )
    return Question(own, extras=extras)


def _data(options: argparse.Namespace) -> pd.DataFrame:
    packaged = options.data in list_datasets()
    frame = load_dataset(options.data) if packaged else read_data(options.data, options.na)
    return with_levels(frame, options.levels)


def _hint_at_na(options: argparse.Namespace, frame: pd.DataFrame) -> None:
    """Say which of the model's columns are text, and so factors, for a few texts in them."""
    if options.data in list_datasets() or not {".csv", ".tsv"} & set(Path(options.data).suffixes):
        return
    try:
        columns = [*parse_formula(options.formula).columns, options.weights, options.offset]
    except PybootmlmError:
        return  # said where the model is made
    console = Console(stderr=True, soft_wrap=True)
    for name, texts in texts_among_numbers(frame, filter(None, columns)).items():
        said = f"parity: {hint(name, texts)}"
        console.print(said, style="yellow", markup=False, highlight=False)


def _listed(given: list[str]) -> list[str]:
    names = [name.strip() for text in given for name in text.split(",")]
    return list(dict.fromkeys(name for name in names if name))


def _print(result: CheckResult, console: Console) -> None:
    """Print the verdicts, what explains those that are no match, and the versions."""
    console.print(result.title, highlight=False, markup=False, soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("quantity", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("digits", justify="right")
    for line in lines_of(result.report):
        style = STYLES[line.verdict]
        table.add_row(line.quantity, f"[{style}]{line.verdict}[/]", line.digits_text)
    console.print(table)
    for explanation in explanations(result.report):
        console.print(explanation.title, highlight=False, markup=False)
        below = [", ".join(explanation.quantities)]
        if explanation.ruling:
            below.append(f"who is right: {explanation.ruling}")
        for text in below:
            console.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)), highlight=False)
    print_versions(result.report, console)
