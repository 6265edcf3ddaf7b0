"""An R session behind a command: any R that can be started, such as one in a chroot."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from parity.bridge.literals import literal
from parity.bridge.sources import SOURCES

_MARK = "\x02"
_LOOP = f"""
input <- file("stdin", "r")
repeat {{
  line <- readLines(input, n = 1)
  if (length(line) == 0) break
  value <- eval(parse(text = line, keep.source = FALSE), globalenv())
  cat("{_MARK}", if (is.character(value)) value, "\\n", sep = "")
}}
"""


class RscriptSession:
    """R as a subprocess, with the functions of ``r_reference`` loaded and its settings fixed.

    Parameters
    ----------
    folder
        ``r_reference``; its files are sent, so the command need not see the same disk.
    command
        What starts Rscript, such as ``["chroot", "/trixie", "Rscript"]``.
    """

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [*command, "--vanilla", "-e", _LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for name in SOURCES:
            code = (folder / f"{name}.R").read_text("utf-8")
            self._evaluate(f"eval(parse(text = {literal(code)}), globalenv())")
        self.call("reference_settings")

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of ``r_reference`` by name; what it returns stays in R."""
        self.text(function, *arguments)

    def text(self, function: str, *arguments: Any) -> str:
        """Call a function that returns one text."""
        return self._evaluate(f"{function}({','.join(map(literal, arguments))})")

    def _evaluate(self, line: str) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(line + "\n")
        stdin.flush()
        for answer in stdout:
            if answer.startswith(_MARK):
                return answer[len(_MARK) :].rstrip("\n")
        message = f"R ended with status {self._process.wait()}"
        raise EOFError(message)
