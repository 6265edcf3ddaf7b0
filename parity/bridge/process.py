"""The parent's side of R: start the worker, ask it, outlive its crashes and hangs."""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

from parity.errors import RUnavailableError, WorkerError
from parity.paths import parity_folder, r_reference_folder

_START_SECONDS = 60.0
_TAIL = 400


class RProcess:
    """R in a worker process that is restarted when it dies or does not answer.

    Parameters
    ----------
    timeout
        Seconds that one request may take.
    command
        What starts Rscript, for an R other than the one that rpy2 finds.

    Notes
    -----
    `restarts` counts the workers started, so that whoever sends data can tell that a
    new worker does not have them.
    """

    def __init__(
        self,
        timeout: float = 300.0,
        module: str = "parity.bridge.worker",
        command: str | None = None,
    ) -> None:
        self.timeout = timeout
        self.restarts = 0
        self._module = module if command is None else "parity.bridge.rscript_worker"
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._stderr: IO[str] | None = None

    def ask(self, request: dict[str, Any], timeout: float | None = None) -> dict[str, Any]:
        """Send one request and wait for its answer."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError:
            raise self._died() from None
        return self._receive(self.timeout if timeout is None else timeout)

    def close(self) -> None:
        """End the worker, if one is running."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    @property
    def running(self) -> bool:
        """Whether a worker is alive."""
        return self._process is not None and self._process.poll() is None

    def _running(self) -> subprocess.Popen[str]:
        if self.running and self._process is not None:
            return self._process
        self.close()
        if self._command is None and shutil.which("R") is None and not os.environ.get("R_HOME"):
            message = (
                "live R was asked for, but there is no R on the PATH and R_HOME is not set; "
                "install R with lme4 (Debian: apt-get install r-base-core r-cran-lme4 "
                "r-cran-numderiv), or run with `--oracle recorded`"
            )
            raise RUnavailableError(message)
        environment = dict(os.environ)
        if self._command is not None:
            environment["PARITY_RSCRIPT"] = self._command
        paths = [str(parity_folder().parent), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        self._stderr = tempfile.TemporaryFile(  # noqa: SIM115 (lives as long as the worker)
            "w+", encoding="utf-8", errors="replace"
        )
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, str(r_reference_folder())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=environment,
            text=True,
            encoding="utf-8",
        )
        self.restarts += 1
        reader = threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), daemon=True
        )
        reader.start()
        greeting = self._receive(_START_SECONDS)
        if greeting["status"] != "ready":
            self.close()
            raise RUnavailableError(_why_not(greeting["error"], self._command))
        return self._process

    def _receive(self, timeout: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            self.close()
            message = (
                f"R did not answer within {timeout:g} s and was stopped; the next case gets a "
                "new R (`--timeout` allows more)"
            )
            raise WorkerError(message) from None
        if line is None:
            raise self._died()
        answer: dict[str, Any] = json.loads(line, parse_int=float)
        return answer

    def _died(self) -> WorkerError:
        tail = ""
        if self._stderr is not None:
            self._stderr.flush()
            self._stderr.seek(0)
            tail = self._stderr.read().strip()[-_TAIL:]
        code = None if self._process is None else self._process.wait()
        self.close()
        said = f"; it said last: {' | '.join(tail.splitlines())}" if tail else ""
        return WorkerError(
            f"the process that holds R ended with status {code} in the middle of a case; the "
            f"next case gets a new one{said}"
        )


def _pump(stream: IO[str], lines: "queue.Queue[str | None]") -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            lines.put(line)
    lines.put(None)


def _why_not(error: str, command: str | None) -> str:
    if command is not None:
        return f"the command '{command}' did not start an R that answers ({error})"
    folder = Path(sys.prefix)
    if "No module named 'rpy2" in error:
        return (
            "live R was asked for, but rpy2 is not installed beside this Python; install "
            "`pybootmlm[r]`, or run with `--oracle recorded`"
        )
    return (
        f"rpy2 is installed in {folder.name} but could not load R ({error}); R before 4.5 needs "
        "rpy2-rinterface 3.6.1 to 3.6.5 with rpy2-robjects 3.6.4, which is what "
        "`pybootmlm[r]` installs"
    )
