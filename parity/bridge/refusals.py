"""What a user is told when R is absent, does not start, dies or keeps silent."""

import signal
import sys
from pathlib import Path

from parity.paths import r_reference_folder


def no_r() -> str:
    """No R on this machine."""
    return (
        "live R was asked for, but there is no R on the PATH and R_HOME is not set; "
        "install R with lme4 (Debian: apt-get install r-base-core r-cran-lme4 "
        "r-cran-numderiv), or run with `--oracle recorded`"
    )


def no_package(package: str, r_version: str) -> str:
    """Say that an R package is missing, and how to get it."""
    script = r_reference_folder() / "install.R"
    asked = "" if package in ("lme4", "numDeriv", "bootmlm") else f" {package}"
    how = f"`Rscript {script}{asked}` installs it"
    if package != "bootmlm":
        how += f", or on Debian `apt-get install r-cran-{package.lower()}`"
    else:
        how += " (or says what it needs); without it, the recorded answers are used"
    return (
        f"R {r_version} is here, but its package '{package}' is not; {how}. A package in "
        "another library is found through R_LIBS"
    )


def why_not(error: str, command: str | None) -> str:
    """R, or what connects to it, could not be loaded."""
    if command is not None:
        return f"the command '{command}' did not start an R that answers ({error})"
    if "No module named 'rpy2" in error:
        return (
            "live R was asked for, but rpy2 is not installed beside this Python; install "
            "`pybootmlm[r]`, or run with `--oracle recorded`"
        )
    return (
        f"rpy2 is installed in {Path(sys.prefix).name} but could not load R ({error}); R before "
        "4.5 needs rpy2-rinterface 3.6.1 to 3.6.5 with rpy2-robjects 3.6.4, which is what "
        "`pybootmlm[r]` installs"
    )


def no_start(error: str, command: str | None) -> str:
    """R died or kept silent before the first request."""
    if command is not None:
        return f"{why_not(error, command)}; it is not tried again"
    return f"R could not be started ({error}); it is not tried again"


def silent(timeout: float, *, starting: bool = False) -> str:
    """R kept silent for too long."""
    if starting:
        return f"it did not answer within {timeout:g} s"
    return (
        f"R did not answer within {timeout:g} s and was stopped; the next case gets a "
        "new R (`--timeout` allows more)"
    )


def ended(code: int | None, tail: str, *, starting: bool = False) -> str:
    """R ended before it answered."""
    said = f"; it said last: {tail}" if tail else ""
    if starting:
        return f"it ended with status {_status(code)}{said}"
    return (
        f"the process that holds R ended with status {_status(code)} in the middle of a case; the "
        f"next case gets a new one{said}"
    )


def _status(code: int | None) -> str:
    if code is None or code >= 0:
        return str(code)
    try:
        return f"{code} ({signal.Signals(-code).name})"
    except ValueError:
        return str(code)
