"""The parent's side of R: start the worker, ask it, outlive its crashes and hangs."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from parity.bridge.refusals import ended, no_r, no_start, silent, why_not
from parity.bridge.tail import Tail
from parity.errors import RUnavailableError, WorkerError
from parity.paths import parity_folder, r_reference_folder

_START_SECONDS = 60.0
_LONGEST = 1e6  # seconds; what a lock can wait for is limited


class RProcess:
    """R in a worker process that is restarted when it dies or does not answer.

    Parameters
    ----------
    timeout
        Seconds that one request may take.
    command
        What starts Rscript, for an R other than the one that rpy2 finds.
    start_timeout
        Seconds that R may take to start.

    Notes
    -----
    `restarts` counts the workers started, so that whoever sends data can tell that a
    new worker does not have them.

    The worker and what it starts are a process group of their own: Ctrl-C in a terminal
    does not reach them, and nothing of them is left when they are ended. Every request has
    a number, which its answer repeats: an answer to a request that was given up is never
    taken for that to another.
    """

    def __init__(
        self,
        timeout: float = 300.0,
        module: str = "parity.bridge.worker",
        command: str | None = None,
        start_timeout: float = _START_SECONDS,
    ) -> None:
        self.timeout = timeout
        self.restarts = 0
        self._start_timeout = start_timeout
        self._module = module if command is None else "parity.bridge.rscript_worker"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._said = Tail(None)
        self._number = 0
        self._refusal: str | None = None

    def ask(self, request: dict[str, Any], timeout: float | None = None) -> dict[str, Any]:
        """Send one request and wait for its answer."""
        self._number += 1
        line = json.dumps({"id": self._number, **request}).encode() + b"\n"
        process = self._running()
        try:
            # Written by a thread of its own: a worker that does not read must not hold us up.
            threading.Thread(target=_write, args=(process, line), daemon=True).start()
            return self._receive(self.timeout if timeout is None else timeout)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the worker and all that it started, if one is running."""
        process, self._process = self._process, None
        if process is None:
            return
        _end(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()

    @property
    def running(self) -> bool:
        """Whether a worker is alive."""
        return self._process is not None and not _has_ended(self._process)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self.running and self._process is not None:
            return self._process
        self.close()
        if self._refusal is not None:
            # What cannot be started once is not tried again for every case of a run.
            raise RUnavailableError(self._refusal)
        if self._command is None and shutil.which("R") is None and not os.environ.get("R_HOME"):
            raise RUnavailableError(no_r())
        try:
            self._start()
        except WorkerError as error:
            self._refusal = no_start(str(error), self._command)
            raise RUnavailableError(self._refusal) from None
        except RUnavailableError as error:
            self._refusal = str(error)
            raise
        except BaseException:
            self.close()
            raise
        assert self._process is not None
        return self._process

    def _start(self) -> None:
        environment = dict(os.environ)
        if self._command is not None:
            environment["PARITY_RSCRIPT"] = self._command
        paths = [str(parity_folder().parent), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, str(r_reference_folder())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self.restarts += 1
        self._said = Tail(self._process.stderr)
        threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        greeting = self._receive(self._start_timeout, starting=True)
        if greeting["status"] != "ready":
            self.close()
            raise RUnavailableError(why_not(greeting["error"], self._command))

    def _receive(self, timeout: float, *, starting: bool = False) -> dict[str, Any]:
        wanted = 0 if starting else self._number
        try:
            line = self._lines.get(timeout=min(timeout, _LONGEST))
        except queue.Empty:
            self.close()
            raise WorkerError(silent(timeout, starting=starting)) from None
        if line is None:
            raise self._died(None, starting=starting)
        answer: dict[str, Any] = json.loads(line, parse_int=float)
        if answer["id"] != wanted:
            message = f"R answered request {answer['id']:g} when it was asked {wanted}"
            raise WorkerError(message)
        if answer["status"] == "died":
            raise self._died(int(answer["code"]), starting=starting)
        return answer

    def _died(self, code: int | None, *, starting: bool) -> WorkerError:
        """Say how R ended: the process that holds it, or an R behind a command (`code`)."""
        process, said = self._process, self._said
        if process is not None:
            _wait_for_end(process)
        self.close()
        if code is None and process is not None:
            code = process.returncode
        return WorkerError(ended(code, said.text(), starting=starting))


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a worker has ended, which is left to be waited for: see `_end`."""
    if not hasattr(os, "waitid") or process.returncode is not None:
        return process.poll() is not None
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def _wait_for_end(process: "subprocess.Popen[bytes]", seconds: float = 5.0) -> None:
    """Give a worker that has closed its output the time to end by itself: its status tells why."""
    limit = time.monotonic() + seconds
    while not _has_ended(process) and time.monotonic() < limit:
        time.sleep(0.01)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a worker's whole process group, where there are groups.

    The number of a process that has been waited for may be another's already, so its group is
    killed before that, and never after.
    """
    if os.name == "posix" and process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _write(process: "subprocess.Popen[bytes]", line: bytes) -> None:
    # A worker that has died is noticed by the end of its answers.
    with contextlib.suppress(OSError, ValueError):
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.flush()


def _pump(stream: Any, lines: "queue.Queue[bytes | None]") -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            lines.put(line)
    lines.put(None)
