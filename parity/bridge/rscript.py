"""An R session behind a command: any R that can be started, such as one in a chroot."""

import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from parity.bridge.died import RDied
from parity.bridge.literals import literal
from parity.bridge.sources import SOURCES

# R's own settings, not the user's: a profile or a saved workspace must not change an answer.
# The program comes over standard input (`-`), because a remote shell would read an `-e` twice.
_OPTIONS = ("--no-init-file", "--no-site-file", "--no-restore", "--no-save", "-")

# One line in: a mark and a piece of code. One line out: the mark, how it went, a text, the mark.
# The marks are new every time, so that whatever R, a package or its C code prints, before or
# between, is known as not being the answer. One line of code, because R reads what follows it.
_LOOP = " ".join(
    line.strip()
    for line in """
local({
  input <- file("stdin", "r");
  cat("\\nMARKok MARK\\n");
  repeat {
    line <- readLines(input, n = 1);
    if (length(line) == 0) break;
    mark <- substr(line, 1, 32);
    said <- tryCatch({
      value <- eval(parse(text = substr(line, 33, nchar(line)), keep.source = FALSE), globalenv());
      c("ok", if (is.character(value)) value[1] else "")
    }, error = function(e) c("error", gsub("[[:cntrl:]]", " ", conditionMessage(e))));
    while (sink.number() > 0) sink();
    if (sink.number(type = "message") != 2) sink(type = "message");
    cat("\\n", mark, said[1], " ", said[2], mark, "\\n", sep = "")
  }
})
""".strip().splitlines()
)


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
            [*command, *_OPTIONS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        mark = secrets.token_hex(16)
        self._send(_LOOP.replace("MARK", mark))
        self._answer(mark.encode())  # only now is what is sent read by the loop, not by R
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

    def _evaluate(self, code: str) -> str:
        mark = secrets.token_hex(16)
        self._send(mark + code)
        return self._answer(mark.encode())

    def _answer(self, mark: bytes) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(mark):
                return _outcome(line.rstrip(b"\r\n")[len(mark) :], mark)
            sys.stderr.buffer.write(line)  # nobody's answer, but worth telling if R dies
            sys.stderr.flush()
        raise RDied(self._process.wait())

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise RDied(self._process.wait()) from None


def _outcome(said: bytes, end: bytes) -> str:
    if not said.endswith(end):
        message = "something else was printed into the middle of R's answer"
        raise ValueError(message)
    status, _, text = said[: -len(end)].decode("utf-8", errors="replace").partition(" ")
    if status != "ok":
        raise RuntimeError(text)
    return text
