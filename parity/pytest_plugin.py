"""Options of the pytest plugin, and nothing more: it is imported by every run of pytest.

With ``--parity`` the rest, `parity.plugin`, is loaded. Nothing here may import what takes time.
"""

import argparse

import pytest

ORACLES = ("recorded", "live")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("parity", "comparison with R, by parity of pybootmlm")
    group.addoption(
        "--parity", nargs="?", const="recorded", default=None, type=_oracle,
        metavar="recorded|live",
        help="collect parity_cases.toml files: a test for each quantity of each model, against R's "
        "answers as recorded beside the file (the default), or --parity=live against R itself",
    )  # fmt: skip
    group.addoption(
        "--parity-rscript", metavar="COMMAND",
        help="live R is what this starts, such as 'ssh host Rscript', not rpy2's",
    )  # fmt: skip
    group.addoption(
        "--parity-timeout", type=float, default=300.0, metavar="SECONDS",
        help="time that R may take for one case (default 300)",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Load the rest, if it was asked for."""
    if config.getoption("parity_rscript") and config.getoption("parity") != "live":
        message = "--parity-rscript needs --parity=live: recorded answers are read, no R is asked"
        raise pytest.UsageError(message)
    if config.getoption("parity") is not None:
        config.pluginmanager.import_plugin("parity.plugin")


def _oracle(text: str) -> str:
    if text not in ORACLES:
        # `--parity tests` takes the folder for the option's value.
        message = f"{text!r} is neither recorded nor live; write --parity=recorded before a path"
        raise argparse.ArgumentTypeError(message)
    return text
