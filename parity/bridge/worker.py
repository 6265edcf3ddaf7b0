"""The child process that holds R: ``python -m parity.bridge.worker``.

It reads one JSON request a line and writes one JSON answer a line, on copies of its standard
input and output. The originals are pointed elsewhere first (nothing to read, standard error to
write), so that nothing R or a package prints can be taken for an answer, and nothing R reads can
be a request.
"""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from parity.bridge.died import RDied

_FIXED = {
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "LANGUAGE": "en",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RPY2_CFFI_MODE": "ABI",
    # No profile: rpy2 starts an Rscript of its own, which would read it.
    "R_PROFILE": os.devnull,
    "R_PROFILE_USER": os.devnull,
}


def main() -> int:
    """Answer requests with R in this process."""
    return serve(_session)


def _session(folder: Path) -> Any:
    # Imported here, after the environment is fixed and only in this process.
    from parity.bridge.session import RSession

    return RSession(folder)


def serve(make_session: Callable[[Path], Any]) -> int:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    requests = os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(_FIXED)
    waiting: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(requests, waiting), daemon=True).start()
    try:
        session = make_session(Path(sys.argv[1]))
    except RDied as error:
        return _gone(answers, 0, error)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        _write(answers, {"id": 0, "status": "unavailable", "error": said})
        return 1
    _write(answers, {"id": 0, "status": "ready"})
    while True:
        request = json.loads(waiting.get())
        try:
            answer = _respond(session, request)
        except RDied as error:
            return _gone(answers, request["id"], error)
        except Exception as error:
            answer = {"status": "error", "error": f"{type(error).__name__}: {error}"}
        _write(answers, {**answer, "id": request["id"]})


def _read(requests: BinaryIO, waiting: "queue.Queue[bytes]") -> None:
    """Pass requests on; when they end, whoever sent them is gone, and so is all of this."""
    for line in requests:
        waiting.put(line)
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _respond(session: Any, request: dict[str, Any]) -> dict[str, Any]:
    verb = request["verb"]
    if verb == "environment":
        return {"status": "ok", "environment": json.loads(session.text("reference_environment"))}
    if verb == "installation":
        return {"status": "ok", "packages": json.loads(session.text("reference_installation"))}
    if verb == "r_object":
        text = session.text(request["function"], request["path"])
        found: dict[str, Any] = json.loads(text, parse_int=float)
        return found
    if verb == "data":
        session.call("data_store", request["name"], request["columns"])
        return {"status": "ok"}
    answer: dict[str, Any] = json.loads(
        session.text("answer_request", request["request"]), parse_int=float
    )
    return answer


def _gone(answers: TextIO, number: int, error: RDied) -> int:
    _write(answers, {"id": number, "status": "died", "code": error.code})
    return 1


def _write(answers: TextIO, document: Any) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
