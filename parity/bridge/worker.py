"""The child process that holds R: ``python -m parity.bridge.worker``.

It reads one JSON request a line and writes one JSON answer a line, on a copy of its
standard output; the original is pointed at standard error first, so that nothing R or a
package prints can be taken for an answer.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

_FIXED = {
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "LANGUAGE": "en",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RPY2_CFFI_MODE": "ABI",
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
    os.dup2(2, 1)
    os.environ.update(_FIXED)
    try:
        session = make_session(Path(sys.argv[1]))
    except Exception as error:
        _write(answers, {"status": "unavailable", "error": f"{type(error).__name__}: {error}"})
        return 1
    _write(answers, {"status": "ready"})
    for line in sys.stdin:
        _write(answers, _respond(session, json.loads(line)))
    return 0


def _respond(session: Any, request: dict[str, Any]) -> Any:
    verb = request["verb"]
    if verb == "environment":
        return {"status": "ok", "environment": json.loads(session.text("reference_environment"))}
    if verb == "data":
        session.call("data_store", request["name"], request["columns"])
        return {"status": "ok"}
    return json.loads(session.text("answer_request", request["request"]), parse_int=float)


def _write(answers: TextIO, document: Any) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
