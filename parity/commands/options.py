"""Options that several verbs share."""

import argparse
import math

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from parity.implementation import Implementation
from parity.implementations import KNOWN, Isolated, Native
from parity.oracles import Oracle
from parity.oracles.fallback import FallbackOracle
from parity.oracles.independent import IndependentOracle
from parity.oracles.live import LiveOracle
from parity.oracles.published import PublishedOracle
from parity.oracles.recorded import RecordedOracle


def add_case(verb: argparse.ArgumentParser) -> None:
    """Let a verb choose cases by their ids."""
    verb.add_argument(
        "--case", action="append", default=[], metavar="GLOB",
        help="only cases whose id fits, such as 'sleepstudy*/REML/*'; may be repeated",
    )  # fmt: skip


def add_oracle(verb: argparse.ArgumentParser) -> None:
    """Let a verb choose between R's recorded answers and R itself."""
    verb.add_argument(
        "--oracle", choices=("recorded", "live"), default="recorded",
        help="recorded references (no R needed, the default), or R on this machine",
    )  # fmt: skip


def chosen_oracle(options: argparse.Namespace) -> Oracle:
    """Return the oracle that `add_oracle` and `add_live` let the user choose."""
    oracle: Oracle = RecordedOracle()
    if options.oracle == "live":
        oracle = FallbackOracle(LiveOracle(options.timeout, options.rscript), RecordedOracle())
    return IndependentOracle(PublishedOracle(oracle))


def add_live(verb: argparse.ArgumentParser) -> None:
    """Let a verb choose the R that it asks, and its patience."""
    verb.add_argument(
        "--rscript", metavar="COMMAND",
        help="live R is what this starts, such as 'chroot /trixie Rscript', not rpy2's",
    )  # fmt: skip
    verb.add_argument(
        "--timeout", type=seconds, default=300.0, metavar="SECONDS",
        help="time that R may take for one case (default 300)",
    )  # fmt: skip


def add_implementation(verb: argparse.ArgumentParser) -> None:
    """Let a verb choose the Python library that is compared with R."""
    verb.add_argument(
        "--implementation", default="pybootmlm", metavar="NAME",
        help=f"the library under test: {', '.join(KNOWN)}, or your own as module:factory",
    )  # fmt: skip
    verb.add_argument(
        "--fit-timeout", type=seconds, default=120.0, metavar="SECONDS",
        help="time that another library than pybootmlm may take for one fit (default 120)",
    )  # fmt: skip


def chosen_implementation(options: argparse.Namespace) -> Implementation:
    """Return the library that `add_implementation` let the user choose.

    All but pybootmlm run in a process of their own, which may crash or hang.
    """
    if options.implementation == "pybootmlm":
        return Native()
    return Isolated(options.implementation, options.fit_timeout)


def progress_bar(console: Console) -> Progress:
    """Return a bar that shows the case at hand and goes away when all is done."""
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def seconds(text: str) -> float:
    """Read a time limit."""
    try:
        limit = float(text)
    except ValueError:
        limit = math.nan
    if not limit > 0:
        message = f"expected a number of seconds above 0, got '{text}'"
        raise argparse.ArgumentTypeError(message)
    return limit
