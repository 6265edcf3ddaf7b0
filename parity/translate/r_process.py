"""One R for one task: a program in, marked lines of JSON out."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from parity.bridge.literals import literal
from parity.bridge.refusals import no_r
from parity.errors import OracleError, RUnavailableError
from parity.paths import r_reference_folder

MARK = "\x02"
# As for live R: what a message says, and the order of text, must not depend on the machine.
_FIXED = {
    "LC_ALL": "C.UTF-8", "LANGUAGE": "en", "TZ": "UTC",
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
}  # fmt: skip
_LONGEST = 1000
_OPTIONS = ("--no-init-file", "--no-site-file", "--no-restore", "--no-save", "-")


def has_r(command: str | None = None) -> bool:
    """Whether there is an R to ask: that of the command, or one on the PATH."""
    words = shlex.split(command or "Rscript")
    return bool(words) and shutil.which(words[0]) is not None


def long_text(text: str) -> str:
    """A text as R code, in pieces: R reads no longer constants than 8192 bytes from a terminal.

    Examples
    --------
    >>> long_text("x")
    'paste0("x")'
    """
    parts = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)] or [""]
    joined = ",\n".join(map(literal, parts))
    return f"paste0({joined})"


def ask_r(
    sources: tuple[str, ...],
    program: str,
    *,
    command: str | None = None,
    timeout: float = 300.0,
    folder: Path | None = None,
) -> list[dict[str, Any]]:
    """Run a program after some files of ``r_reference``; return the objects that it printed.

    Raises
    ------
    RUnavailableError
        There is no R.
    OracleError
        It printed nothing, or kept silent for too long.
    """
    if not has_r(command):
        raise RUnavailableError(no_r() if command is None else f"there is no command '{command}'")
    where = r_reference_folder()
    codes = [(where / f"{name}.R").read_text("utf-8") for name in sources]
    whole = "".join(f"invisible(eval(parse(text = {long_text(code)})))\n" for code in codes)
    whole += program
    try:
        done = subprocess.run(
            [*shlex.split(command or "Rscript"), *_OPTIONS],
            input=whole,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **_FIXED},
            timeout=timeout,
            check=False,
            cwd=folder,
        )
    except subprocess.TimeoutExpired as error:
        message = f"R was not done within {timeout:g} s; `--timeout` gives it longer"
        raise OracleError(message) from error
    found: list[dict[str, Any]] = [
        json.loads(line.partition(MARK)[2], parse_int=float)
        for line in done.stdout.splitlines()
        if MARK in line
    ]
    if not found:
        message = f"R gave no answer: {done.stderr.strip()[-400:]}"
        raise OracleError(message)
    return found
