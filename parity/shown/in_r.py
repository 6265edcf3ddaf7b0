"""Run the R code of examples, by any command that starts an R."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parity.bridge.literals import literal
from parity.errors import OracleError, RUnavailableError
from parity.paths import r_reference_folder
from parity.shown.example import Example
from parity.shown.said import Shown

_MARK = "\x02"
_SOURCES = ("encode", "environment", "shown")
# As for live R: what a message says, and the order of text, must not depend on the machine.
_FIXED = {
    "LC_ALL": "C.UTF-8", "LANGUAGE": "en", "TZ": "UTC",
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
}  # fmt: skip
_OPTIONS = ("--no-init-file", "--no-site-file", "--no-restore", "--no-save", "-")


@dataclass(frozen=True)
class RunInR:
    """One R, and what it says of examples.

    Attributes
    ----------
    environment
        Versions of R and its packages.
    shown
        By the id of the example.
    lacks
        For examples that this R could not run, the package that it lacks.
    """

    environment: Mapping[str, str]
    shown: Mapping[str, Shown]
    lacks: Mapping[str, str] = field(default_factory=dict)


def run_in_r(
    examples: Mapping[str, Example], command: str = "Rscript", timeout: float = 600.0
) -> RunInR:
    """Run all examples in one R, each in an empty workspace, and ask for its versions.

    Raises
    ------
    RUnavailableError
        The command starts no R.
    OracleError
        R ended, or kept silent, before it was done; the message names the example.
    """
    folder = r_reference_folder()
    codes = [(folder / f"{name}.R").read_text("utf-8") for name in _SOURCES]
    asked = {
        name: {"needs": dict(example.needs), "code": list(example.code)}
        for name, example in examples.items()
    }
    packages = sorted({package for example in examples.values() for package in example.needs})
    script = "".join(f"invisible(eval(parse(text = {literal(code)})))\n" for code in codes)
    script += 'cat(shown_mark, reference_environment(), "\\n", sep = "")\n'
    script += f'cat(shown_mark, shown_versions({literal(["lme4", *packages])}), "\\n", sep = "")\n'
    script += f"shown_all({literal(asked)})\n"
    environment, versions, *found = _lines(command, script, timeout)
    answered = {line["id"] for line in found}
    lost = [name for name in examples if name not in answered]
    if lost:
        message = f"R ended in the middle of the example '{lost[0]}'"
        raise OracleError(message)
    return RunInR(
        {key: str(text) for key, text in {**environment, **versions}.items()},
        {line["id"]: Shown.from_json(line["shown"]) for line in found if "shown" in line},
        {line["id"]: line["lacks"] for line in found if "lacks" in line},
    )


def _lines(command: str, script: str, timeout: float) -> list[dict[str, Any]]:
    words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        message = (
            f"there is no command '{command}': install R with lme4 (Debian: apt-get install "
            "r-base-core r-cran-lme4 r-cran-numderiv), or name another R by `--rscript COMMAND`"
        )
        raise RUnavailableError(message)
    try:
        done = subprocess.run(
            [*words, *_OPTIONS],
            input=script,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **_FIXED},
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"R was not done with the examples within {timeout:g} s"
        raise OracleError(message) from error
    lines = done.stdout.splitlines()
    found = [json.loads(line[1:]) for line in lines if line.startswith(_MARK)]
    if not found:
        said = done.stderr.strip()[-400:]
        message = f"the command '{command}' did not start an R that answers: {said}"
        raise RUnavailableError(message)
    return found
